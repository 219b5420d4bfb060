#pragma once
#include <limits>
#include <memory>

#include "core/blas1.hpp"
#include "fn/poisson.hpp"
#include "op/linear_operator.hpp"
#include "solver/solver.hpp"

namespace ir {

/// x and y >= 0, and so is A, entry by entry, as ray transforms and blurs are.
struct mlem_options {
  double background = 0;        // expected counts beside A x
  std::optional<cvec> start{};  // > 0 where x may be; absent: 1
  std::shared_ptr<const inner_product> product{};
};

/// Maximum-likelihood expectation maximisation for counts y of mean A x + b, Poisson:
///
///   x+ = x / (A^H 1) * A^H (y / (A x + b))
///
/// 0 where A^H 1 = 0. tells change; by `evaluate` the objective, kl(A x + b).
/// data_error: A 1 or A^H 1 has a negative entry; counts below 0. numeric_error: NaN.
/// Source: L. A. Shepp, Y. Vardi, IEEE Trans. Med. Imaging 1 (1982) 113-122.
class mlem final : public solver {
 public:
  mlem(queue&, op_ptr A, cvec y, const mlem_options& = {});
  cvec solution() const override { return x_; }

 private:
  void do_step(queue&, iteration&) override;
  void do_evaluate(queue&, iteration&) const override;
  void do_state(state_archive& archive) override { archive.item("x", vec(x_)); }

  op_ptr A_;
  poisson likelihood_;
  double background_;
  std::shared_ptr<const inner_product> product_;
  owned_vec y_, x_, sensitivity_, factor_;  // sensitivity_: 1 / A^H 1
};

struct sirt_options {
  double relaxation = 1;  // in (0, 2)
  double low = -std::numeric_limits<double>::infinity(),
         high = std::numeric_limits<double>::infinity();  // x is clamped to these
  std::optional<cvec> start{};
  std::shared_ptr<const inner_product> product{};
};

/// Simultaneous iterative reconstruction: x+ = clamp(x + relaxation C A^H R (y - A x)), R and C the
/// inverse row and column sums of A (0 where a sum is 0), whose entries are not negative. Without
/// clamping it goes to argmin ||A x - y||_R.
///
/// tells   change, misfit = ||A x - y|| at the x before the step
/// throws  usage_error: relaxation outside (0, 2), low > high; data_error: a negative sum
/// Source: J. Gregor, T. Benson, IEEE Trans. Med. Imaging 27 (2008) 918-924.
class sirt final : public solver {
 public:
  sirt(queue&, op_ptr A, cvec y, const sirt_options& = {});
  cvec solution() const override { return x_; }
  std::vector<parameter_of> parameters() const override;

 private:
  void do_step(queue&, iteration&) override;
  void do_state(state_archive&) override;

  op_ptr A_;
  double relaxation_;
  fn_ptr bounds_;  // null: none
  std::shared_ptr<const inner_product> product_;
  owned_vec y_, x_, rows_, columns_, step_;  // rows_, columns_: inverse sums
};

}  // namespace ir
