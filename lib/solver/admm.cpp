#include "solver/admm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace ir {
namespace {

std::vector<term> with_simple(const composite& parts) {
  std::vector<term> all = parts.coupled;
  if (parts.simple) all.push_back({1, parts.simple});
  if (all.empty()) throw usage_error("alternating directions need a part with a prox");
  return all;
}

double quotient(double a, double b) { return b > 0 ? a / b : a; }

}  // namespace

admm::admm(queue& q, const space& domain, precision type, const composite& parts,
           const admm_options& o)
    : coupled_(with_simple(parts)),
      F_(domain, parts.smooth),
      G_(parts.simple),
      HK_(domain, coupled_),
      quadratic_(q, domain, type, parts.smooth, HK_, o.inner),
      product_(o.product ? o.product : std::make_shared<inner_product>()),
      rho_(first_rho(q, o.rho)),
      first_rho_(rho_),
      relaxation_(o.relaxation),
      balance_(o.balance),
      x_(q, domain, type),
      before_(q, domain, type),
      z_(q, HK_.range(), type),
      u_(q, HK_.range(), type),
      Kx_(q, HK_.range(), type),
      last_block_(static_cast<int>(HK_.range().blocks().size() - domain.blocks().size())) {
  if (!(rho_ > 0) || !std::isfinite(rho_))
    throw usage_error(fmt::format("rho {}: above 0 is expected", rho_));
  if (!(relaxation_ > 0 && relaxation_ < 2))
    throw usage_error(fmt::format("relaxation {}: between 0 and 2 is expected", relaxation_));
  if (!o.start) return;
  copy(q, *o.start, x_);
  HK_.apply(q, x_, z_);
}

double admm::first_rho(queue& q, const std::optional<double>& asked) {
  constexpr double part = 0.02;  // tuned on a tooth from 46 views; rho follows the residuals then
  if (asked || !quadratic_.preconditioned()) return asked.value_or(1);
  double weight = 0;
  for (const term& t : coupled_)
    if (t.f != G_) weight = std::max(weight, t.weight);
  const double rho = weight / (part * quadratic_.spread(q, *product_));
  return rho > 0 && std::isfinite(rho) ? rho : 1;
}

cvec admm::solution() const { return G_ ? cvec(z_).slice(last_block_, HK_.domain()) : cvec(x_); }

void admm::do_step(queue& q, iteration& now) {
  const precision type = cvec(x_).type();
  copy(q, x_, before_);
  {
    const scratch_vec v(q, HK_.range(), type);
    copy(q, z_, v);
    axpby(q, -1, u_, 1, v);
    quadratic_.solve(q, rho_, v, *product_, x_);
  }
  HK_.apply(q, x_, Kx_);

  const scratch_vec dz(q, HK_.range(), type);
  copy(q, z_, dz);
  axpby(q, relaxation_, Kx_, 1 - relaxation_, z_);
  axpby(q, 1, z_, 1, u_);
  HK_.h().prox(q, u_, {1 / rho_}, z_);
  axpby(q, -1, z_, 1, u_);

  const double moved = std::sqrt(product_->axpby_square(q, 1, z_, -1, dz));
  const double z_size = product_->norm(q, z_), size = std::max(z_size, product_->norm(q, Kx_));
  const double apart = std::sqrt(product_->axpby_square(q, -1, z_, 1, Kx_));
  const double primal = quotient(apart, size), dual = quotient(moved, product_->norm(q, u_));
  const double change = std::sqrt(product_->axpby_square(q, 1, x_, -1, before_));
  now.change = std::max(quotient(moved, z_size), quotient(change, product_->norm(q, x_)));
  now.kkt = std::max(primal, dual);
  if (balance_) balance(q, primal, dual, now.k);
}

// Each fifth iteration while it is young: later, rho stays, and the method converges.
void admm::balance(queue& q, double primal, double dual, index_t k) {
  constexpr double lag = 4, factor = 2;
  constexpr double most_drift = 1e4;  // where K x = 0 at the minimum, residuals are rounding
  const index_t young = quadratic_.preconditioned() ? 20 : 5;  // while inner steps are far behind
  if (k < young || k > 100 || k % 5 != 0) return;
  const double by = primal > lag * dual ? factor : dual > lag * primal ? 1 / factor : 1;
  const double drift = std::abs(std::log(rho_ * by / first_rho_));
  if (by == 1 || drift > std::log(most_drift)) return;
  rho_ *= by;
  scale(q, 1 / by, u_);
}

void admm::do_evaluate(queue& q, iteration& now) const {
  const scratch_vec Kx(q, HK_.range(), cvec(x_).type());
  HK_.apply(q, solution(), Kx);
  now.objective = F_.value(q, solution()) + HK_.h().value(q, Kx);
}

std::vector<parameter_of> admm::parameters() const {
  return {{"rho", fmt::format("{:.6g}, {}", rho_, balance_ ? "follows the residuals" : "fixed")},
          {"relaxation", fmt::format("{:.6g}", relaxation_)},
          {"quadratic step", inner()}};
}

void admm::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("z", vec(z_));
  archive.item("u", vec(u_));
  archive.item("rho", &rho_);
  quadratic_.state(archive);
}

}  // namespace ir
