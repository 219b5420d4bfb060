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

}  // namespace ir
