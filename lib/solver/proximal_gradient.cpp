#include "solver/proximal_gradient.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"

namespace ir {
namespace {

double quotient(double a, double b) { return b > 0 ? a / b : a; }

}  // namespace

proximal_gradient::proximal_gradient(queue& q, const space& domain, precision type,
                                     const composite& parts, const proximal_gradient_options& o)
    : options_(o),
      F_(domain, parts.smooth),
      G_(parts.simple),
      product_(o.product ? o.product : std::make_shared<inner_product>()),
      x_(q, domain, type),
      z_(q, domain, type),
      next_(q, domain, type),
      gradient_(q, domain, type) {
  if (!parts.coupled.empty())
    throw usage_error(fmt::format("proximal gradient has no place for {} behind an operator",
                                  parts.coupled[0].f->name()));
  if (F_.empty()) throw usage_error("proximal gradient needs a part with a gradient");
  if (G_ && G_->can().prox == offer::none)
    throw usage_error(fmt::format("{} has no prox", G_->name()));
  if (G_ && G_->domain() != domain)
    throw shape_error(fmt::format("{} is a functional on {}, the unknown is {}", G_->name(),
                                  to_string(G_->domain()), to_string(domain)));
  strong_ = o.strong.value_or(F_.strong() + (G_ ? G_->can().strong : 0));
  if (!(strong_ >= 0))
    throw usage_error(fmt::format("strong convexity {}: at least 0 is expected", strong_));
  options_.start.reset();  // borrowed for this call
  if (o.start) copy(q, *o.start, x_);
  copy(q, x_, z_);
  const double L = o.backtracking ? first_constant(q) : F_.lipschitz();
  if (!std::isfinite(L))
    throw usage_error("the Lipschitz constant of the gradient is infinite: use backtracking");
  tau_ = L > 0 ? 1 / L : 1;  // a linear F: any step
}

// The curvature along the gradient: from below, so the search starts with a long step.
double proximal_gradient::first_constant(queue& q) {
  F_.gradient(q, z_, gradient_);
  const double norm = product_->norm(q, gradient_);
  const double size = std::max(product_->norm(q, z_), 1.0);
  if (norm == 0) return 1;
  copy(q, z_, next_);
  axpby(q, -1e-3 * size / norm, gradient_, 1, next_);
  const scratch_vec there(q, F_.domain(), cvec(x_).type());
  F_.gradient(q, next_, there);
  const double change = std::sqrt(product_->axpby_square(q, -1, gradient_, 1, there));
  return std::isfinite(change) && change > 0 ? change / (1e-3 * size) : 1;
}

void proximal_gradient::descend(queue& q) {
  copy(q, z_, next_);
  axpby(q, -tau_, gradient_, 1, next_);
  if (G_) G_->prox(q, next_, {tau_}, next_);
}

// F(x+) <= F(z) + <grad F(z), x+ - z> + ||x+ - z||^2 / (2 tau), up to the rounding of F.
void proximal_gradient::search(queue& q) {
  constexpr double grow = 1.1, shrink = 0.5;
  tau_ *= grow;
  double at_z = F_.value(q, z_);
  if (!std::isfinite(at_z)) {  // the momentum left the domain of F: go on from x
    copy(q, x_, z_);
    age_ = 1;
    at_z = F_.value(q, z_);
    if (!std::isfinite(at_z))
      throw usage_error("the objective is infinite at the start: begin elsewhere");
    F_.gradient(q, z_, gradient_);
  }
  const double rounding = (cvec(x_).type() == precision::f32 ? 1e-7 : 1e-15) * std::abs(at_z);
  const scratch_vec d(q, F_.domain(), cvec(x_).type());
  for (int halved = 0;; ++halved) {
    descend(q);
    copy(q, next_, d);
    const double square = product_->axpby_square(q, -1, z_, 1, d);
    const double model = at_z + product_->dot(q, gradient_, d) + square / (2 * tau_);
    const double value = F_.value(q, next_);
    if (value <= model + 8 * rounding) return;
    if (halved == 100 || std::isnan(square))
      throw numeric_error(
          fmt::format("backtracking found no step: {:.3g} is still too long", tau_));
    tau_ *= shrink;
  }
}

double proximal_gradient::next_beta() {
  if (options_.how == momentum::none) return 0;
  if (strong_ > 0 && !options_.restart) {
    const double r = std::sqrt(std::min(1.0, strong_ * tau_));
    return (1 - r) / (1 + r);
  }
  const double next = (1 + std::sqrt(1 + 4 * age_ * age_)) / 2;
  const double beta = (age_ - 1) / next;
  age_ = next;
  return beta;
}

void proximal_gradient::do_step(queue& q, iteration& now) {
  F_.gradient(q, z_, gradient_);
  if (options_.backtracking)
    search(q);
  else
    descend(q);

  // z - x+ and x+ - x
  const double fixed_point = std::sqrt(product_->axpby_square(q, -1, next_, 1, z_));
  const double moved = std::sqrt(product_->axpby_square(q, 1, next_, -1, x_));
  const bool uphill = options_.restart && product_->dot(q, z_, x_) > 0;
  if (uphill) age_ = 1;
  const double beta = next_beta();
  now.kkt = quotient(fixed_point, tau_ * product_->norm(q, gradient_));
  now.change = quotient(moved, product_->norm(q, next_));

  copy(q, next_, z_);
  axpby(q, uphill ? 0 : beta, x_, 1, z_);
  copy(q, next_, x_);
}

void proximal_gradient::do_evaluate(queue& q, iteration& now) const {
  now.objective = F_.value(q, x_) + (G_ ? G_->value(q, x_) : 0);
}

std::vector<parameter_of> proximal_gradient::parameters() const {
  const bool fista = options_.how == momentum::fista;
  const bool linear = fista && strong_ > 0 && !options_.restart;
  return {{"tau", fmt::format("{:.6g}{}", tau_, options_.backtracking ? ", by backtracking" : "")},
          {"momentum", !fista             ? "none"
                       : linear           ? "constant, by strong convexity"
                       : options_.restart ? "Nesterov's, starts again where it points uphill"
                                          : "Nesterov's"},
          {"strong convexity", fmt::format("{:.6g}", strong_)}};
}

void proximal_gradient::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("extrapolated", vec(z_));
  archive.item("tau", &tau_);
  archive.item("age", &age_);
}

}  // namespace ir
