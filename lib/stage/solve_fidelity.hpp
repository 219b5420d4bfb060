#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/blas1.hpp"
#include "fn/functional.hpp"
#include "stage/fidelity.hpp"

namespace ir {

/// What data mean to a problem. Rows are the blocks of the operator's range.

/// The fidelity f(A x, y) as terms, one for each row of a stack: solvers that know each by itself
/// do better. usage_error: weights that are neither one nor one for each row.
std::vector<term> fidelity_terms(queue&, const fidelity_options&, const op_ptr& A, cvec y,
                                 precision);

/// Weights from files as an element of the range: one file for all of it, or one for each row.
/// usage_error: another number of files; shape_error naming a file that does not fit; data_error
/// naming one with values that are negative, NaN or infinite.
owned_vec load_weights(queue&, const std::vector<std::string>& files, const space& range,
                       precision);

/// ||A x - y|| <= sqrt(m) sigma, m the number of reals in the data; with a sigma for each row
/// ||W (A x - y)|| <= sqrt(m), W = 1 / sigma row by row.
struct discrepancy {
  op_ptr A;                   // with 1 / sigma before it where there are several
  std::vector<double> sigma;  // one, or one for each row
};
/// usage_error: neither one sigma nor one for each row.
discrepancy make_discrepancy(const op_ptr& A, const std::vector<double>& sigma);
term discrepancy_term(queue&, const discrepancy&, cvec y, precision);

/// ||A x - y|| / (sqrt(m) sigma), with a sigma for each row the same of W: 1 where what is left is
/// as large as the noise.
class noise_misfit {
 public:
  /// usage_error: neither one sigma nor one for each row. `y` must outlive it.
  noise_misfit(queue&, op_ptr A, const std::vector<double>& sigma, cvec y, precision);
  double operator()(queue&, cvec x);

 private:
  op_ptr A_;
  cvec y_;
  owned_vec weights_, residual_;
  inner_product product_;
};

}  // namespace ir
