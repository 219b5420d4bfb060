#pragma once
#include <memory>

#include "core/blas1.hpp"
#include "op/linear_operator.hpp"
#include "solver/solver.hpp"

namespace ir {

struct lsqr_options {
  double damping = 0;           // ridge = damping^2
  std::optional<cvec> start{};  // of x; absent: 0. Not with a damping, which is towards 0
  std::shared_ptr<const inner_product> product{};
};

/// argmin ||A x - y||^2 + damping^2 ||x||^2 by Golub-Kahan bidiagonalisation: what conjugate
/// gradients on the normal equations give, without squaring the condition number.
///
/// y       an element of A's range, read by the constructor
/// tells   residual = ||A^H (y - A x) - damping^2 x|| / ||A^H y||, misfit = ||A x - y|| where
///         damping is 0; both by recurrence
/// throws  usage_error: damping < 0, or a start with one; shape_error
///
/// Two elements of the range, three of the domain; a step applies A and A^H once.
/// Source: C. C. Paige, M. A. Saunders, ACM Trans. Math. Softw. 8 (1982) 43-71.
class lsqr final : public solver {
 public:
  lsqr(queue&, op_ptr A, cvec y, const lsqr_options& = {});
  cvec solution() const override { return x_; }
  std::vector<parameter_of> parameters() const override;

 private:
  void do_step(queue&, iteration&) override;
  void do_state(state_archive&) override;

  op_ptr A_;
  double damping_;
  std::shared_ptr<const inner_product> product_;
  owned_vec u_, v_, w_, x_, Aw_;
  double alpha_ = 0, beta_ = 0;       // of the bidiagonal matrix
  double rho_bar_ = 0, phi_bar_ = 0;  // of its triangular factor
  double first_ = 0;                  // ||A^H y||
};

}  // namespace ir
