#pragma once
#include "solver/composite.hpp"

namespace ir {

/// M x = b at the minimum of a sum of quadratics w_i/2 ||A_i x - c_i||^2_{D_i}:
/// M = sum_i w_i A_i^H D_i A_i, self-adjoint and positive, b = sum_i w_i A_i^H D_i c_i.
struct normal_equations {
  op_ptr M;
  owned_vec b;
};
/// usage_error: a term that is no quadratic form. The terms' functionals are kept by M.
normal_equations normal_equations_of(queue&, const space& domain, precision,
                                     const std::vector<term>&);
/// Near M^-1: a circulant matrix (solver/circulant.hpp), exact where M is one; where all operators
/// are diagonal M^-1 itself, 1 for what M does not see; else null.
op_ptr preconditioner_of(queue&, const space& domain, precision, const std::vector<term>&);

/// The same minimum as least squares ||A x - y||^2 + damping^2 ||x||^2: a row sqrt(w_i D_i) A_i
/// with data sqrt(w_i D_i) c_i for each term; terms of x itself around 0 are the damping.
struct least_squares {
  op_ptr A;
  owned_vec y;
  double damping = 0;
};
/// `fold`: the damping may be one (else it is a row). usage_error: a term that is no quadratic
/// form.
least_squares least_squares_of(queue&, const space& domain, precision, const std::vector<term>&,
                               bool fold);

}  // namespace ir
