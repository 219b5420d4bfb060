#include "solver/solver.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "core/clock.hpp"
#include "core/error.hpp"

namespace ir {
namespace {

/// A quantity that algorithms may tell, and the rule that watches it.
struct watched {
  std::string_view name;
  std::optional<double> iteration::*value;
  std::optional<double> stop_rule::*rule;  // null: none
  bool costs;                              // told by `evaluate` where a step does not
};
constexpr std::array<watched, 6> quantities{
    {{"objective", &iteration::objective, nullptr, true},
     {"residual", &iteration::residual, &stop_rule::residual, false},
     {"change", &iteration::change, &stop_rule::change, false},
     {"gap", &iteration::gap, &stop_rule::gap, true},
     {"kkt residual", &iteration::kkt, &stop_rule::kkt, false},
     {"misfit", &iteration::misfit, &stop_rule::discrepancy, true}}};

/// The rule that the iteration fulfils, in words; empty: none.
std::string fulfilled(const iteration& now, const stop_rule& rule, bool evaluated) {
  for (const watched& w : quantities) {
    if (w.rule == nullptr || !(rule.*w.rule)) continue;
    if (!(now.*w.value) && w.costs && !evaluated) continue;
    if (!(now.*w.value))
      throw usage_error(fmt::format(
          "this algorithm does not tell its {}: stop by another rule or by the iterations",
          w.name));
    if (*(now.*w.value) <= *(rule.*w.rule))
      return fmt::format("{} {:.3g} <= {:.3g}", w.name, *(now.*w.value), *(rule.*w.rule));
  }
  return {};
}

/// Objectives one after another: stagnation and divergence.
class objective_watch {
 public:
  /// The rule that holds, in words. numeric_error: divergence.
  std::string see(const iteration& now, std::optional<double> stagnation) {
    if (!now.objective) {
      if (!stagnation) return {};
      throw usage_error("this algorithm does not tell its objective: stop by another rule");
    }
    const double value = *now.objective;
    const std::optional<double> before = std::exchange(last_, value);
    if (!before) first_ = std::abs(value);
    if (!before || !std::isfinite(value) || !std::isfinite(*before)) return {};
    rises_ = value > *before && std::abs(value) > 1000 * first_ ? rises_ + 1 : 0;
    if (first_ > 0 && rises_ == 3)
      throw numeric_error(fmt::format(
          "iteration {}: the objective diverges: {:.3g}, at first {:.3g}", now.k, value, first_));
    const double moved = std::abs(value - *before);
    if (stagnation && moved <= *stagnation * std::abs(value))
      return fmt::format("objective moved by {:.3g} <= {:.3g}",
                         value == 0 ? 0 : moved / std::abs(value), *stagnation);
    return {};
  }

 private:
  std::optional<double> last_;
  double first_ = 0;
  int rises_ = 0;
};

}  // namespace

iteration solver::step(queue& q) {
  iteration now;
  now.k = ++k_;
  do_step(q, now);
  for (const watched& w : quantities)
    if (const auto& value = now.*w.value; value && !std::isfinite(*value))
      throw numeric_error(fmt::format("iteration {}: the {} became {}", now.k, w.name, *value));
  return now;
}

void solver::evaluate(queue& q, iteration& now) const {
  do_evaluate(q, now);
  for (const watched& w : quantities)
    if (const auto& value = now.*w.value; value && std::isnan(*value))
      throw numeric_error(fmt::format("iteration {}: the {} became {}", now.k, w.name, *value));
}

void solver::state(state_archive& archive) {
  archive.item("iteration", &k_);
  do_state(archive);
}

run_result run(queue& q, solver& s, const stop_rule& rule, const monitor& watch) {
  const double start = seconds_now();
  run_result result{{}, false, "iterations"};
  result.last.k = s.iterations();
  if (rule.every < 1) throw usage_error("stop rules are looked at every 1 or more iterations");
  const bool costly = rule.stagnation || rule.gap || rule.discrepancy;
  objective_watch objective;
  while (result.last.k < rule.iterations) {
    q.poll();
    result.last = s.step(q);
    result.last.seconds = seconds_now() - start;
    q.progress("iteration", result.last.k, rule.iterations);
    const bool evaluated = costly && result.last.k % rule.every == 0;
    if (evaluated) s.evaluate(q, result.last);

    const verdict said = watch ? watch(result.last, s.solution()) : verdict::go_on;
    std::string why = fulfilled(result.last, rule, evaluated);
    if (evaluated && why.empty()) why = objective.see(result.last, rule.stagnation);
    if (!why.empty()) return {result.last, true, std::move(why)};
    if (said != verdict::go_on)
      return {result.last, false, said == verdict::stop ? "monitor" : "checkpoint"};
    if (rule.seconds && result.last.seconds >= *rule.seconds)
      return {result.last, false, "seconds"};
  }
  return result;
}

}  // namespace ir
