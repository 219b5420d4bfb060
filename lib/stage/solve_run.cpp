#include "stage/solve_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/error.hpp"
#include "io/irs_layout.hpp"
#include "io/text_file.hpp"
#include "solver/checkpoint.hpp"
#include "stage/element.hpp"
#include "stage/frames.hpp"
#include "stage/solve_check.hpp"
#include "stage/solve_history.hpp"

namespace ir {
namespace {

class solved final : public frame_source {
 public:
  solved(std::unique_ptr<frame_source> from, const stage_plan& p, solve_job job)
      : in_(std::move(from), job.layout.data, p.type),
        header_(p.out),
        where_(p.where),
        type_(p.type),
        o_(std::move(job.options)),
        spec_(std::move(job.A)),
        read_(std::move(job.terms)),
        init_(std::move(job.init)),
        domain_(std::move(job.layout.domain)),
        place_(std::move(job.place)) {}

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

  bool finish() {
    const auto policy =
        o_.replace ? pending_file::existing::replace : pending_file::existing::refuse;
    if (!o_.history.empty()) write_text_file(o_.history, history_.json(), policy);
    if (!o_.plot.empty()) write_text_file(o_.plot, history_.svg(), policy);
    return false;
  }

  void prepare(queue& q) {
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
    solver_settings settings;
    if (start_) settings.start = cvec(*start_);
    const std::unique_ptr<solver> s = make_solver(q, p, c, settings);

    const std::string identity = o_.checkpoint.empty() ? std::string() : identity_of(q, c);
    if (std::error_code ignored; o_.resume && std::filesystem::exists(o_.checkpoint, ignored))
      load_checkpoint(q, o_.checkpoint, identity, *s);
    auto& told = history_.all.emplace_back();
    told.solver = name_of(c.method);
    const run_result result = iterate(q, *s, rule_for(c.method), identity, told);
    told.reason = result.reason;
    told.converged = result.converged;

    if (const index_t bad = count_not_finite(q, s->solution()); bad > 0)
      throw numeric_error(
          fmt::format("element {}: {} values became NaN or infinite", elements_, bad));
    refuse_start(q, p, s->solution(), settings.start, c.method == algorithm::mlem ? 1 : 0,
                 result.last.k);
    store_element(q, s->solution(), out);
    q.fact("iterations", static_cast<double>(result.last.k));
    q.fact("objective", objective_of(q, p, s->solution()));
    if (result.last.change) q.fact("change", *result.last.change);
    q.fact("converged", result.converged ? 1 : 0);
  }

  /// Conjugate gradients tell the residual of their equations in place of the change.
  stop_rule rule_for(algorithm method) const {
    stop_rule rule = o_.rule;
    if (method == algorithm::cg) rule.residual = std::exchange(rule.change, std::nullopt);
    return rule;
  }

  run_result iterate(queue& q, solver& s, const stop_rule& rule, const std::string& identity,
                     solve_history::element& told) {
    const bool watch = !o_.history.empty() || !o_.plot.empty();
    for (;;) {
      const run_result r = run(q, s, rule, [&](const iteration& now, cvec) {
        q.progress("iteration", now.k, o_.rule.iterations);
        if (watch && (now.k == 1 || now.k % o_.rule.every == 0)) {
          iteration more = now;
          if (!more.objective) s.evaluate(q, more);
          told.steps.push_back(more);
        }
        const bool save = !identity.empty() && now.k % o_.checkpoint_every == 0;
        return save ? verdict::checkpoint : verdict::go_on;
      });
      if (r.reason != "checkpoint") return r;
      save_checkpoint(q, o_.checkpoint, identity, s);
    }
  }

  /// What a checkpoint belongs to: the same words, the same data, the same arithmetic.
  std::string identity_of(queue& q, const choice& c) const {
    const cvec y = in_.element();
    const auto bytes = static_cast<std::size_t>(y.in().size() * size_of(real_type(type_)));
    std::vector<std::byte> values(bytes);
    copy(q, cref(y.data(), real_type(type_), shape{y.in().size()}, q.where()),
         ref(values.data(), real_type(type_), shape{y.in().size()}));
    q.synchronize();
    std::string text = fmt::format("{} | {} | {:016x} | {} | {}", o_.expression, name_of(c.method),
                                   irs::checksum(values), to_string(domain_),
                                   type_ == precision::f32 ? "f32" : "f64");
    for (const std::string& r : o_.regularisers) text += " | " + r;
    for (const constant& k : c.constants) text += fmt::format(" | {} {}", k.what, k.upper);
    if (o_.bounds) text += fmt::format(" | {}:{}", (*o_.bounds)[0], (*o_.bounds)[1]);
    const fidelity_options& f = o_.fidelity;
    text += fmt::format(" | {} {} {}", static_cast<int>(f.what), f.delta, f.background);
    for (const double w : f.weights) text += fmt::format(" {}", w);
    for (const std::string& file : f.weight_maps) text += " @" + file;
    for (const double w : o_.sigma) text += fmt::format(" sigma {}", w);
    return text + (o_.discrepancy ? " | discrepancy" : "") + " | " + o_.init;
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
  std::optional<solve_terms> terms_;
  std::optional<owned_vec> start_;
  solve_history history_;
  index_t elements_ = 0;
};

}  // namespace

std::unique_ptr<frame_source> solve_elements(std::unique_ptr<frame_source> data,
                                             const stage_plan& p, solve_job job) {
  return std::make_unique<solved>(std::move(data), p, std::move(job));
}

}  // namespace ir
