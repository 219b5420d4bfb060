#pragma once
#include <memory>

#include "core/blas1.hpp"
#include "op/linear_operator.hpp"
#include "solver/solver.hpp"

namespace ir {

struct cg_options {
  double ridge = 0;
  std::optional<cvec> weight{}, start{};
  op_ptr preconditioner{};  // near M^-1, self-adjoint and positive; null: none
  std::shared_ptr<const inner_product> product{};  // absent: this process's own
};

/// Conjugate gradients for a Hermitian, positive (semi-)definite system M x = b:
///
///   system::direct   M = A + ridge,         b = y             A self-adjoint, positive
///   system::normal   M = A^H W A + ridge,   b = A^H W y       argmin ||A x - y||_W^2 + ridge
///   ||x||^2
///
/// y      an element of A's range; W a diagonal on it, >= 0; both are read by the constructor, and
///        W must outlive the solver
/// x      an element of A's domain, starts as `start` or 0
/// tells  residual = ||b - M x|| / ||b||, by recurrence; 0 where b = 0
/// throws numeric_error: M or the preconditioner is not positive, or NaN; usage_error: ridge < 0;
///        shape_error: the preconditioner's spaces
///
/// Four vectors (preconditioned: five) are allocated by the constructor; a step is one product with
/// M and three passes (with the preconditioner, and four).
/// Source: M. R. Hestenes, E. Stiefel, J. Res. NBS 49 (1952) 409-436.
class conjugate_gradient final : public solver {
 public:
  enum class system : std::uint8_t { direct, normal };
  conjugate_gradient(queue&, op_ptr A, cvec y, system, const cg_options& = {});

  cvec solution() const override { return x_; }
  std::vector<parameter_of> parameters() const override;

 private:
  void do_step(queue&, iteration&) override;
  void do_state(state_archive&) override;
  void multiply(queue&, cvec x, vec Mx) const;
  double precondition(queue&, double rr);  // <r, z>

  op_ptr A_, preconditioner_;
  system system_;
  double ridge_;
  std::optional<cvec> weight_;
  std::shared_ptr<const inner_product> product_;
  owned_vec x_, r_, p_, Mp_;    // r = b - M x
  std::optional<owned_vec> z_;  // r, preconditioned; absent: r itself
  double rz_ = 0;               // <r, z>
  double residual_ = 0, b_norm_ = 0;
};

}  // namespace ir
