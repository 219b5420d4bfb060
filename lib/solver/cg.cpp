#include "solver/cg.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"

namespace ir {

conjugate_gradient::conjugate_gradient(queue& q, op_ptr A, cvec y, system s, const cg_options& o)
    : A_(std::move(A)),
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
  copy(q, r_, p_);
  rr_ = product_->dot(q, r_, r_);
}

void conjugate_gradient::multiply(queue& q, cvec x, vec Mx) const {
  if (system_ == system::direct)
    A_->apply(q, x, Mx);
  else
    A_->normal(q, x, Mx, weight_);
  if (ridge_ > 0) axpby(q, ridge_, x, 1, Mx);
}

// Beside the product with M: <p, Mp> reads 2 vectors; the descent reads 4 and writes 2; the new
// direction reads 2 and writes 1.
void conjugate_gradient::do_step(queue& q, iteration& now) {
  multiply(q, p_, Mp_);
  const double curvature = product_->dot(q, p_, Mp_);
  if (curvature < 0)
    throw numeric_error(fmt::format("iteration {}: the system is not positive: <p, M p> = {:.3g}",
                                    now.k, curvature));

  // No curvature and a residual: p is in the null space, where x may be anything and r = 0 but for
  // rounding. There is nothing to gain.
  if (rr_ > 0 && curvature != 0) {
    const double step = rr_ / curvature;
    const double before = std::exchange(rr_, product_->descend_square(q, step, p_, Mp_, x_, r_));
    axpby(q, 1, r_, rr_ / before, p_);  // p = r + beta p
  }
  now.residual = b_norm_ > 0 ? std::sqrt(rr_) / b_norm_ : std::sqrt(rr_);
}

void conjugate_gradient::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("residual", vec(r_));
  archive.item("direction", vec(p_));
  archive.item("residual_square", &rr_);
  archive.item("data_norm", &b_norm_);
}

}  // namespace ir
