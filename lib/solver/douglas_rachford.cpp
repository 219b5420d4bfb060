#include "solver/douglas_rachford.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace ir {

douglas_rachford::douglas_rachford(queue& q, fn_ptr G, fn_ptr H, precision type,
                                   const douglas_rachford_options& o)
    : G_(std::move(G)),
      H_(std::move(H)),
      tau_(o.tau),
      relaxation_(o.relaxation),
      product_(o.product ? o.product : std::make_shared<inner_product>()),
      x_(q, G_->domain(), type),
      z_(q, G_->domain(), type),
      mirror_(q, G_->domain(), type) {
  for (const fn_ptr& f : {G_, H_})
    if (f->can().prox == offer::none) throw usage_error(fmt::format("{} has no prox", f->name()));
  if (G_->domain() != H_->domain())
    throw shape_error(fmt::format("{} is a functional on {}, {} on {}", G_->name(),
                                  to_string(G_->domain()), H_->name(), to_string(H_->domain())));
  if (!(tau_ > 0) || !std::isfinite(tau_))
    throw usage_error(fmt::format("tau {}: above 0 is expected", tau_));
  if (!(relaxation_ > 0 && relaxation_ < 2))
    throw usage_error(fmt::format("relaxation {}: between 0 and 2 is expected", relaxation_));
  if (o.start) copy(q, *o.start, z_);
  copy(q, z_, x_);
}

void douglas_rachford::do_step(queue& q, iteration& now) {
  const scratch_vec before(q, G_->domain(), cvec(x_).type());
  copy(q, x_, before);
  G_->prox(q, z_, {tau_}, x_);
  copy(q, z_, mirror_);
  axpby(q, 2, x_, -1, mirror_);
  H_->prox(q, mirror_, {tau_}, mirror_);
  const double apart = std::sqrt(product_->axpby_square(q, -1, x_, 1, mirror_));
  axpby(q, relaxation_, mirror_, 1, z_);
  const double size = product_->norm(q, x_);
  const double moved = std::sqrt(product_->axpby_square(q, 1, x_, -1, before));
  now.kkt = size > 0 ? apart / size : apart;
  // x may rest while z moves: a start on the boundary of a constraint is no end.
  const double most = std::max(size, product_->norm(q, z_));
  const double change = std::max(moved, relaxation_ * apart);
  now.change = most > 0 ? change / most : change;
}

void douglas_rachford::do_evaluate(queue& q, iteration& now) const {
  now.objective = G_->value(q, x_) + H_->value(q, x_);
}

std::vector<parameter_of> douglas_rachford::parameters() const {
  return {{"tau", fmt::format("{:.6g}", tau_)}, {"relaxation", fmt::format("{:.6g}", relaxation_)}};
}

void douglas_rachford::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("z", vec(z_));
}

}  // namespace ir
