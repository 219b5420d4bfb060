#include "solver/solver.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "core/clock.hpp"
#include "core/error.hpp"

namespace ir {
namespace {

/// A quantity that algorithms may tell, and the rule that watches it.
struct watched {
  std::string_view name;
  std::optional<double> iteration::*value;
  std::optional<double> stop_rule::*rule;  // null: none
};
constexpr std::array<watched, 4> quantities{
    {{"objective", &iteration::objective, nullptr},
     {"residual", &iteration::residual, &stop_rule::residual},
     {"change", &iteration::change, &stop_rule::change},
     {"gap", &iteration::gap, &stop_rule::gap}}};

/// The rule that the iteration fulfils, in words; empty: none.
std::string fulfilled(const iteration& now, const stop_rule& rule) {
  for (const watched& w : quantities) {
    if (w.rule == nullptr || !(rule.*w.rule)) continue;
    if (!(now.*w.value))
      throw usage_error(fmt::format(
          "this algorithm does not tell its {}: stop by another rule or by the iterations",
          w.name));
    if (*(now.*w.value) <= *(rule.*w.rule))
      return fmt::format("{} {:.3g} <= {:.3g}", w.name, *(now.*w.value), *(rule.*w.rule));
  }
  return {};
}

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

void solver::state(state_archive& archive) {
  archive.item("iteration", &k_);
  do_state(archive);
}

run_result run(queue& q, solver& s, const stop_rule& rule, const monitor& watch) {
  const double start = seconds_now();
  run_result result{{}, false, "iterations"};
  result.last.k = s.iterations();
  while (result.last.k < rule.iterations) {
    q.poll();
    result.last = s.step(q);
    result.last.seconds = seconds_now() - start;
    q.progress("iteration", result.last.k, rule.iterations);

    const verdict said = watch ? watch(result.last, s.solution()) : verdict::go_on;
    if (std::string why = fulfilled(result.last, rule); !why.empty())
      return {result.last, true, std::move(why)};
    if (said != verdict::go_on)
      return {result.last, false, said == verdict::stop ? "monitor" : "checkpoint"};
    if (rule.seconds && result.last.seconds >= *rule.seconds)
      return {result.last, false, "seconds"};
  }
  return result;
}

}  // namespace ir
