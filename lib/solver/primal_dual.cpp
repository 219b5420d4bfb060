#include "solver/primal_dual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace ir {
namespace {

double quotient(double a, double b) { return b > 0 ? a / b : a; }

void check_options(const primal_dual_options& o, const smooth_sum& F, double strong) {
  if (o.method == primal_dual_method::pdhg && !F.empty())
    throw usage_error("pdhg has no smooth part: use condat_vu or pd3o, or a prox of each term");
  if (o.method == primal_dual_method::pd3o && o.steps != primal_dual_steps::fixed)
    throw usage_error("pd3o has fixed steps");
  if (o.steps == primal_dual_steps::accelerated &&
      (o.method != primal_dual_method::pdhg || !(strong > 0)))
    throw usage_error("accelerated steps are those of pdhg with a strongly convex simple part");
  if (o.ratio && !(*o.ratio > 0 && std::isfinite(*o.ratio)))
    throw usage_error(fmt::format("ratio of steps {}: above 0 is expected", *o.ratio));
}

}  // namespace

primal_dual::primal_dual(queue& q, const space& domain, precision type, const composite& parts,
                         const primal_dual_options& o)
    : method_(o.method),
      how_(o.steps),
      F_(domain, parts.smooth),
      G_(parts.simple),
      HK_(domain, parts.coupled),
      product_(o.product ? o.product : std::make_shared<inner_product>()),
      lipschitz_(F_.lipschitz()),
      norm_square_(HK_.norm_square()),
      ratio_(o.ratio.value_or(1)),
      strong_(G_ ? G_->can().strong : 0),
      x_(q, domain, type),
      before_(q, domain, type),
      gradient_(q, domain, type),
      pull_(q, domain, type),
      y_(q, HK_.range(), type),
      y_before_(q, HK_.range(), type),
      Kx_(q, HK_.range(), type),
      Kbar_(q, HK_.range(), type) {
  check_options(o, F_, strong_);
  if (G_ && G_->domain() != domain)
    throw shape_error(fmt::format("{} is a functional on {}, the unknown is {}", G_->name(),
                                  to_string(G_->domain()), to_string(domain)));
  if (o.start) {
    copy(q, *o.start, x_);
    HK_.apply(q, x_, Kx_);
    copy(q, Kx_, Kbar_);
  }
  if (!F_.empty()) F_.gradient(q, x_, gradient_);
  set_steps();
}

// The largest steps with this ratio; ||K|| = 0 leaves tau to L, and any step if that is 0 too.
void primal_dual::set_steps() {
  const double coupling = ratio_ * norm_square_, half = lipschitz_ / 2;
  if (method_ == primal_dual_method::pd3o) {
    tau_ = norm_square_ > 0 ? 1 / std::sqrt(coupling) : 1;
    if (lipschitz_ > 0) tau_ = std::min(tau_, 1.9 / lipschitz_);
    sigma_ = norm_square_ > 0 ? 1 / (tau_ * norm_square_) : ratio_ * tau_;
    return;
  }
  // 1 / tau = coupling tau + half
  if (coupling > 0)
    tau_ = 2 / (half + std::sqrt(half * half + 4 * coupling));
  else
    tau_ = half > 0 ? 1 / half : 1;
  sigma_ = ratio_ * tau_;
}

void primal_dual::do_step(queue& q, iteration& now) {
  copy(q, y_, y_before_);
  axpby(q, sigma_, Kbar_, 1, y_);
  HK_.h().prox_conjugate(q, y_, {sigma_}, y_);
  const double y_moved = std::sqrt(product_->axpby_square(q, 1, y_, -1, y_before_));
  const double y_size = product_->norm(q, y_), y_change = quotient(y_moved, y_size);

  copy(q, x_, before_);
  if (!F_.empty()) copy(q, gradient_, pull_);
  HK_.adjoint(q, y_, pull_, F_.empty() ? mode::set : mode::add);
  axpby(q, -tau_, pull_, 1, x_);
  if (G_) G_->prox(q, x_, {tau_}, x_);

  if (method_ == primal_dual_method::pd3o) {
    extrapolate_pd3o(q);
    const double moved = product_->axpby_square(q, 1, x_, -1, before_);
    now.change = std::max(y_change, quotient(std::sqrt(moved), product_->norm(q, x_)));
    return;
  }
  const bool accelerated = how_ == primal_dual_steps::accelerated;
  const double theta = accelerated ? 1 / std::sqrt(1 + 2 * strong_ * tau_) : 1;
  const double norm = std::sqrt(norm_square_), size = product_->norm(q, x_);
  const double forces = norm * y_size + product_->norm(q, gradient_);
  const double dual = quotient(extrapolate(q, theta), norm * size);
  const double primal = quotient(primal_residual(q), forces);
  now.change = std::max(y_change, quotient(product_->norm(q, before_), size));  // x+ - x
  now.kkt = std::max(primal, dual);
  if (how_ == primal_dual_steps::adaptive) adapt(primal, dual);
  if (accelerated) tau_ *= theta, sigma_ /= theta;
}

// Kbar = K (2 x+ - x + tau (grad F(x) - grad F(x+)))
void primal_dual::extrapolate_pd3o(queue& q) {
  const scratch_vec bar(q, HK_.domain(), cvec(x_).type());
  axpby(q, tau_, gradient_, 0, bar);
  F_.gradient(q, x_, gradient_);
  axpby(q, -tau_, gradient_, 1, bar);
  axpby(q, 2, x_, 1, bar);
  axpby(q, -1, before_, 1, bar);
  HK_.apply(q, bar, Kbar_);
}

// Kbar = K (x+ + theta (x+ - x)) and || (y - y+) / sigma + K xbar - K x+ ||, which is 0 where K x+
// is in the subdifferential of H* at y+.
double primal_dual::extrapolate(queue& q, double theta) {
  axpby(q, 1, Kbar_, -1 / sigma_, y_before_);  // which was y+ - y
  axpby(q, -theta, Kx_, 0, Kbar_);
  HK_.apply(q, x_, Kx_);
  axpby(q, 1 + theta, Kx_, 1, Kbar_);
  return std::sqrt(product_->axpby_square(q, -1, Kx_, 1, y_before_));
}

// || (x - x+) / tau + grad F(x+) - grad F(x) ||, which is 0 where -K^H y+ - grad F(x+) is in the
// subdifferential of G at x+.
double primal_dual::primal_residual(queue& q) {
  axpby(q, 1, x_, -1, before_);
  if (F_.empty()) return product_->norm(q, before_) / tau_;
  const scratch_vec r(q, HK_.domain(), cvec(x_).type());
  axpby(q, -1, gradient_, 0, r);
  F_.gradient(q, x_, gradient_);
  axpby(q, 1, gradient_, 1, r);
  return std::sqrt(product_->axpby_square(q, -1 / tau_, before_, 1, r));
}

// Long primal steps where the primal half lags behind, by factors whose product is finite.
void primal_dual::adapt(double primal, double dual) {
  constexpr double lag = 2, calm = 0.93;
  const bool limited = tau_ * lipschitz_ / 2 > 0.8;  // by L: a smaller sigma would gain nothing
  if (primal > lag * dual && limited) return;
  if (primal > lag * dual)
    ratio_ *= (1 - restless_) * (1 - restless_);
  else if (dual > lag * primal)
    ratio_ /= (1 - restless_) * (1 - restless_);
  else
    return;
  restless_ *= calm;
  set_steps();
}

void primal_dual::do_evaluate(queue& q, iteration& now) const {
  const scratch_vec Kx(q, HK_.range(), cvec(x_).type());
  HK_.apply(q, x_, Kx);
  const double primal = F_.value(q, x_) + (G_ ? G_->value(q, x_) : 0) + HK_.h().value(q, Kx);
  now.objective = primal;
  if (!F_.empty() || !G_ || !G_->can().conjugate || !HK_.h().can().conjugate) return;
  const scratch_vec pulled(q, HK_.domain(), cvec(x_).type());
  HK_.adjoint(q, y_, pulled, mode::set);
  scale(q, -1, pulled);
  const double dual = -G_->conjugate(q, pulled) - HK_.h().conjugate(q, y_);
  now.gap = std::isfinite(primal - dual)
                ? quotient(primal - dual, std::max(std::abs(primal), std::abs(dual)))
                : std::numeric_limits<double>::infinity();  // x or y is not feasible yet
}

std::vector<parameter_of> primal_dual::parameters() const {
  const bool adaptive = how_ == primal_dual_steps::adaptive;
  const bool accelerated = how_ == primal_dual_steps::accelerated;
  return {{"tau", fmt::format("{:.6g}", tau_)},
          {"sigma", fmt::format("{:.6g}", sigma_)},
          {"balance", fmt::format("sigma / tau = {:.6g}, {}", sigma_ / tau_,
                                  adaptive      ? "follows the residuals"
                                  : accelerated ? "rises by the strong convexity"
                                                : "fixed")},
          {"relaxation", "1"}};
}

void primal_dual::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("y", vec(y_));
  archive.item("gradient", vec(gradient_));
  archive.item("Kx", vec(Kx_));
  archive.item("K_extrapolated", vec(Kbar_));
  archive.item("tau", &tau_);
  archive.item("sigma", &sigma_);
  archive.item("ratio", &ratio_);
  archive.item("restless", &restless_);
}

}  // namespace ir
