#include <algorithm>
#include <cmath>

#include "fn/tv_dual.hpp"

namespace ir {
namespace {

// The gap falls as a power of the iterations: when it will be small enough, after `k` with `gap`
// and `earlier` with `before`. Between a tenth and all of k more.
index_t next_check(double wanted, index_t k, double gap, index_t earlier, double before) {
  double power = 3;
  if (earlier > 0 && gap > 0 && before > gap)
    power = std::clamp(
        std::log(before / gap) / std::log(static_cast<double>(k) / static_cast<double>(earlier)),
        1.0, 6.0);
  const double whole = static_cast<double>(k);
  const double at = wanted > 0 ? whole * std::pow(gap / wanted, 1 / power) : 2 * whole;
  return static_cast<index_t>(std::ceil(std::clamp(at, 1.08 * whole, 2 * whole)));
}

// The factor that brings the misfit to the one wanted if the dual values stay; 1: near enough, or
// x is constant and no weight raises its misfit.
double weight_factor(const tv_stop& stop, const tv_outcome& o, double weight) {
  if (!stop.misfit) return 1;
  const double ratio = *stop.misfit / (2 * weight * o.energy.misfit);
  const double variation = o.energy.primal - o.energy.misfit;
  if (std::abs(ratio - 1) <= 1e-3 || (ratio > 1 && variation <= stop.gap * o.energy.primal))
    return 1;
  return std::clamp(std::sqrt(ratio), 0.5, 2.0);
}

constexpr index_t first_check = 12;

}  // namespace

tv_outcome tv_solve(queue& q, tv_dual& dual, const tv_stop& stop) {
  tv_outcome o;
  index_t earlier = 0, next = std::min(first_check, stop.iterations);
  double before = 0;
  for (;;) {
    dual.iterate(q, next - o.iterations);
    o.iterations = next;
    o.energy = dual.evaluate(q, 0, dual.planes());
    q.progress("iteration", o.iterations, stop.iterations);
    const double gap = o.energy.relative(), factor = weight_factor(stop, o, dual.weight());
    if ((gap <= stop.gap && factor == 1) || o.iterations >= stop.iterations) return o;
    if (earlier > 0 && gap > before) dual.retreat();
    if (factor == 1) {
      next = next_check(stop.gap, o.iterations, gap, earlier, before);
      earlier = o.iterations;
      before = gap;
    } else {
      dual.scale_weight(factor);
      next = o.iterations + 8;
      earlier = 0;
    }
    next = std::min(next, stop.iterations);
  }
}

}  // namespace ir
