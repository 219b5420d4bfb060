#include "solver/lsqr.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"

namespace ir {
namespace {

// x / ||x||; 0 stays 0.
double normalise(queue& q, const inner_product& product, vec x) {
  const double norm = product.norm(q, x);
  if (norm > 0) scale(q, 1 / norm, x);
  return norm;
}

}  // namespace

lsqr::lsqr(queue& q, op_ptr A, cvec y, const lsqr_options& o)
    : A_(std::move(A)),
      damping_(o.damping),
      product_(o.product ? o.product : std::make_shared<inner_product>()),
      u_(q, A_->range(), y.type()),
      v_(q, A_->domain(), y.type()),
      w_(q, A_->domain(), y.type()),
      x_(q, A_->domain(), y.type()),
      Aw_(q, A_->range(), y.type()) {
  if (!(damping_ >= 0))
    throw usage_error(fmt::format("damping {}: at least 0 is expected", damping_));
  if (y.in() != A_->range())
    throw shape_error(fmt::format("the data are {}, the operator's range is {}", to_string(y.in()),
                                  to_string(A_->range())));
  if (o.start && damping_ > 0)
    throw usage_error("a damping is towards 0: with a start, make it a row of the operator");
  copy(q, y, u_);
  A_->adjoint(q, u_, v_);
  first_ = product_->norm(q, v_);
  if (o.start) {
    copy(q, *o.start, x_);
    A_->apply(q, x_, Aw_);
    axpby(q, -1, Aw_, 1, u_);
  }
  beta_ = normalise(q, *product_, u_);
  if (o.start)
    A_->adjoint(q, u_, v_);
  else if (beta_ > 0)
    scale(q, 1 / beta_, v_);
  alpha_ = normalise(q, *product_, v_);
  copy(q, v_, w_);
  rho_bar_ = alpha_;
  phi_bar_ = beta_;
}

void lsqr::do_step(queue& q, iteration& now) {
  // beta u = A v - alpha u;  alpha v = A^H u - beta v
  A_->apply(q, v_, Aw_);
  axpby(q, 1, Aw_, -alpha_, u_);
  beta_ = normalise(q, *product_, u_);
  scale(q, -beta_, v_);
  A_->adjoint(q, u_, v_, mode::add);
  alpha_ = normalise(q, *product_, v_);

  // Rotations eliminate the damping, then the subdiagonal.
  const double damped = std::hypot(rho_bar_, damping_);
  const double phi_kept = damped > 0 ? rho_bar_ / damped * phi_bar_ : 0;
  const double rho = std::hypot(damped, beta_);
  if (rho > 0) {
    const double c = damped / rho, s = beta_ / rho, theta = s * alpha_;
    rho_bar_ = -c * alpha_;
    const double phi = c * phi_kept;
    phi_bar_ = s * phi_kept;
    axpby(q, phi / rho, w_, 1, x_);
    axpby(q, 1, v_, -theta / rho, w_);
  }
  const double normal_residual = std::abs(phi_bar_ * rho_bar_);
  now.residual = first_ > 0 ? normal_residual / first_ : normal_residual;
  if (damping_ == 0) now.misfit = std::abs(phi_bar_);
}

std::vector<parameter_of> lsqr::parameters() const {
  return {{"damping", fmt::format("{:.6g}", damping_)}};
}

void lsqr::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("u", vec(u_));
  archive.item("v", vec(v_));
  archive.item("w", vec(w_));
  archive.item("alpha", &alpha_);
  archive.item("beta", &beta_);
  archive.item("rho_bar", &rho_bar_);
  archive.item("phi_bar", &phi_bar_);
  archive.item("first", &first_);
}

}  // namespace ir
