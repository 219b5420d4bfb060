#include "stage/solve_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "io/text_file.hpp"
#include "stage/element.hpp"
#include "stage/frames.hpp"
#include "stage/solve_check.hpp"
#include "stage/solve_checkpoint.hpp"
#include "stage/solve_history.hpp"

namespace ir {
namespace {

class solved final : public frame_source {
 public:
  solved(std::unique_ptr<frame_source> from, const stage_plan& p, solve_job job,
         std::shared_ptr<bool> unconverged)
      : in_(std::move(from), job.layout.data, p.type),
        header_(p.out),
        where_(p.where),
        type_(p.type),
        o_(std::move(job.options)),
        spec_(std::move(job.A)),
        read_(std::move(job.terms)),
        init_(std::move(job.init)),
        domain_(std::move(job.layout.domain)),
        place_(std::move(job.place)),
        unconverged_(std::move(unconverged)) {}

  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    switch (in_.next(f, q)) {
      case element_reader::found::end:
        return finish();
      case element_reader::found::other:
        f.array_no = place_[static_cast<std::size_t>(f.array_no)];
        return true;
      case element_reader::found::element:
        break;
    }
    if (!terms_) prepare(q);
    const array_info& info = data_of(header_);
    f.array_no = data_index(header_);
    in_.place(f);
    f.data.reset(q, info.type, extents_of(info));
    f.begin = 0;
    f.end = line_count(info);
    if (const index_t bad = count_not_finite(q, in_.element()); bad > 0)
      throw data_error(fmt::format("element {}: {} values are NaN or infinite", elements_, bad));
    solve(q, f.data.get());
    ++elements_;
    return true;
  }

  pending_file::existing policy() const {
    return o_.replace ? pending_file::existing::replace : pending_file::existing::refuse;
  }

  bool finish() {
    if (!o_.history.empty()) write_text_file(o_.history, history_.json(), policy());
    if (!o_.plot.empty()) write_text_file(o_.plot, history_.svg(), policy());
    return false;
  }

  void prepare(queue& q) {
    for (const std::string& file : {o_.history, o_.plot})  // what cannot be written says so now
      if (!file.empty()) pending_file(file, policy());
    if (!o_.checkpoint.empty()) {
      const auto elements = data_of(header_).frames;
      kept_.emplace(o_, !header_.along.name.empty() && elements != index_t{1});
    }
    terms_ = build_terms(q, o_, spec_, read_, domain_, type_);
    if (!init_) return;
    start_.emplace(q, domain_, type_);
    const dtype from = init_->of == field::complex ? dtype::c128 : dtype::f64;
    load_element(q, cref(init_->values.data(), from, init_->extents), *start_);
    q.synchronize();
    if (const index_t bad = count_not_finite(q, *start_); bad > 0)
      throw data_error(fmt::format("{}: {} values are NaN or infinite", o_.init, bad));
  }

  void solve(queue& q, ref out) {
    const problem p = problem_of(q, o_, *terms_, in_.element(), type_);
    const choice c = choose_with_norms(q, p, o_.solver);
    if (o_.explain && elements_ == 0)
      for (const std::string& line : explanation(p, c, where_)) q.say(line);
    std::optional<cvec> start;
    if (start_) start = *start_;
    if (!kept_) return tell(q, found(q, p, c, start, {}, out));

    const std::string identity = kept_->identity(q, *terms_, c, in_.element(), type_, start);
    owned_vec x(q, domain_, type_);
    if (const auto before = kept_->solved(q, identity, x)) {
      history_.all.push_back({{}, before->solver, before->reason, before->converged});
      store_element(q, x, out);
      tell(q, *before);
    } else {
      tell(q, found(q, p, c, start, identity, out));
    }
  }

  /// Solves the element. `identity`: of its checkpoints; empty: there are none.
  solve_facts found(queue& q, const problem& p, const choice& c, std::optional<cvec> start,
                    const std::string& identity, ref out) {
    const std::unique_ptr<solver> s = make_solver(q, p, c, {.start = start, .product = {}});
    if (o_.explain && elements_ == 0)
      for (const parameter_of& now : s->parameters())
        q.say(fmt::format("parameter  {}: {}", now.name, now.value));
    const std::uint64_t first = fingerprint(q, s->solution());
    if (kept_) kept_->restore(q, identity, *s);
    auto& told = history_.all.emplace_back();
    told.solver = name_of(c.method);
    const run_result result = iterate(q, *s, rule_for(c.method), identity, told);
    told.reason = result.reason;
    told.converged = result.converged;

    const cvec x = s->solution();
    if (const index_t bad = count_not_finite(q, x); bad > 0)
      throw numeric_error(
          fmt::format("element {}: {} values became NaN or infinite", elements_, bad));
    refuse_start(q, p, x, first, result.last.k);
    store_element(q, x, out);
    solve_facts facts{told.solver,           told.reason,        result.last.k,
                      objective_of(q, p, x), result.last.change, result.converged};
    if (kept_) kept_->finish(q, identity, facts, x);
    return facts;
  }

  void tell(queue& q, const solve_facts& f) const {
    if (!f.converged) *unconverged_ = true;
    q.fact("iterations", static_cast<double>(f.iterations));
    q.fact("objective", f.objective);
    if (f.change) q.fact("change", *f.change);
    q.fact("converged", f.converged ? 1 : 0);
  }

  /// Solvers of equations tell the residual of their equations in place of the change.
  stop_rule rule_for(algorithm method) const {
    stop_rule rule = o_.rule;
    if (solves_equations(method)) rule.residual = std::exchange(rule.change, std::nullopt);
    return rule;
  }

  run_result iterate(queue& q, solver& s, const stop_rule& rule, const std::string& identity,
                     solve_history::element& told) {
    const bool watch = !o_.history.empty() || !o_.plot.empty();
    std::optional<noise_misfit> noise;
    if (o_.until_noise) noise.emplace(q, terms_->A, o_.sigma, in_.element(), type_);
    double misfit = 0;
    const double begin = seconds_now();
    for (;;) {
      stop_rule left = rule;  // a run after a checkpoint counts its own time
      if (left.seconds) *left.seconds -= seconds_now() - begin;
      run_result r = run(q, s, left, [&](const iteration& now, cvec x) {
        if (watch && (now.k == 1 || now.k % rule.every == 0)) {
          iteration more = now;
          more.seconds = seconds_now() - begin;
          if (!more.objective) s.evaluate(q, more);
          told.steps.push_back(more);
        }
        if (noise && (misfit = (*noise)(q, x)) <= 1) return verdict::stop;
        return kept_ && saves_after(q, now.k) ? verdict::checkpoint : verdict::go_on;
      });
      if (r.reason == "monitor") {
        r.converged = true;
        r.reason = fmt::format("misfit {:.6g} of the noise", misfit);
      }
      if (r.reason != "checkpoint") return r;
      kept_->save(q, identity, s);
      if (rule.seconds && seconds_now() - begin >= *rule.seconds) return {r.last, false, "seconds"};
    }
  }

  /// Every so often; and before a signal ends the run, but where the rules look at what was before.
  bool saves_after(queue& q, index_t k) const {
    const bool ending = q.cancel() && q.cancel()->requested() != 0 && !o_.rule.stagnation;
    return ending || k % o_.checkpoint_every == 0;
  }

  element_reader in_;
  stream_header header_;
  device where_;
  precision type_;
  solve_options o_;
  spec_ptr spec_;
  read_terms read_;
  array_ptr init_;  // null: none
  space domain_;
  std::vector<int> place_;
  std::shared_ptr<bool> unconverged_;
  std::optional<solve_terms> terms_;
  std::optional<owned_vec> start_;
  std::optional<solve_checkpoint> kept_;
  solve_history history_;
  index_t elements_ = 0;
};

}  // namespace

std::unique_ptr<frame_source> solve_elements(std::unique_ptr<frame_source> data,
                                             const stage_plan& p, solve_job job,
                                             std::shared_ptr<bool> unconverged) {
  return std::make_unique<solved>(std::move(data), p, std::move(job), std::move(unconverged));
}

}  // namespace ir
