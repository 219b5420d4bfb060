#include "solver/cg.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"

namespace ir {

conjugate_gradient::conjugate_gradient(queue& q, op_ptr A, cvec y, system s, const cg_options& o)
    : A_(std::move(A)),
      preconditioner_(o.preconditioner),
      system_(s),
      ridge_(o.ridge),
      weight_(o.weight),
      product_(o.product ? o.product : std::make_shared<inner_product>()),
      x_(q, A_->domain(), y.type()),
      r_(q, A_->domain(), y.type()),
      p_(q, A_->domain(), y.type()),
      Mp_(q, A_->domain(), y.type()) {
  if (!(ridge_ >= 0)) throw usage_error(fmt::format("ridge {}: at least 0 is expected", ridge_));
  if (y.in() != A_->range())
    throw shape_error(fmt::format("the data are {}, the operator's range is {}", to_string(y.in()),
                                  to_string(A_->range())));
  const op_ptr& P = preconditioner_;
  if (P && (P->domain() != A_->domain() || P->range() != A_->domain()))
    throw shape_error(fmt::format("the preconditioner maps {} to {}, the unknown is {}",
                                  to_string(P->domain()), to_string(P->range()),
                                  to_string(A_->domain())));
  if (system_ == system::direct && weight_)
    throw usage_error("a weight belongs to the normal equations");

  if (system_ == system::direct) {
    copy(q, y, r_);
  } else if (weight_) {
    owned_vec Wy(q, A_->range(), y.type());
    copy(q, y, Wy);
    ir::multiply(q, *weight_, Wy);
    A_->adjoint(q, Wy, r_);
  } else {
    A_->adjoint(q, y, r_);
  }
  b_norm_ = product_->norm(q, r_);
  if (o.start) {
    copy(q, *o.start, x_);
    multiply(q, x_, Mp_);
    axpby(q, -1, Mp_, 1, r_);
  }
  if (preconditioner_) z_.emplace(q, A_->domain(), y.type());
  const double rr = product_->dot(q, r_, r_);
  residual_ = std::sqrt(rr);
  rz_ = precondition(q, rr);
  copy(q, z_ ? cvec(*z_) : cvec(r_), p_);
}

double conjugate_gradient::precondition(queue& q, double rr) {
  if (!z_) return rr;
  preconditioner_->apply(q, r_, *z_);
  const double rz = product_->dot(q, r_, *z_);
  if (rz < 0)
    throw numeric_error(fmt::format("the preconditioner is not positive: <r, P r> = {:.3g}", rz));
  return rz;
}

void conjugate_gradient::multiply(queue& q, cvec x, vec Mx) const {
  if (system_ == system::direct)
    A_->apply(q, x, Mx);
  else
    A_->normal(q, x, Mx, weight_);
  if (ridge_ > 0) axpby(q, ridge_, x, 1, Mx);
}

// Beside the products with M and the preconditioner: <p, Mp> reads 2 vectors; the descent reads 4
// and writes 2; the new direction reads 2 and writes 1.
void conjugate_gradient::do_step(queue& q, iteration& now) {
  multiply(q, p_, Mp_);
  const double curvature = product_->dot(q, p_, Mp_);
  if (curvature < 0)
    throw numeric_error(fmt::format("iteration {}: the system is not positive: <p, M p> = {:.3g}",
                                    now.k, curvature));

  // No curvature and a residual: p is in the null space, where x may be anything and r = 0 but for
  // rounding. There is nothing to gain.
  if (rz_ > 0 && curvature != 0) {
    const double rr = product_->descend_square(q, rz_ / curvature, p_, Mp_, x_, r_);
    const double before = std::exchange(rz_, precondition(q, rr));
    axpby(q, 1, z_ ? cvec(*z_) : cvec(r_), rz_ / before, p_);  // p = z + beta p
    residual_ = std::sqrt(rr);
  }
  now.residual = b_norm_ > 0 ? residual_ / b_norm_ : residual_;
}

std::vector<parameter_of> conjugate_gradient::parameters() const {
  if (!preconditioner_) return {{"preconditioner", "none"}};
  return {{"preconditioner", preconditioner_->name()}};
}

void conjugate_gradient::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("residual", vec(r_));
  archive.item("direction", vec(p_));
  archive.item("residual_square", &rz_);
  archive.item("residual_norm", &residual_);
  archive.item("data_norm", &b_norm_);
}

}  // namespace ir
