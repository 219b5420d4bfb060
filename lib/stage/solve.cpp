#include "stage/solve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <utility>

#include "core/error.hpp"
#include "expr/load_array.hpp"
#include "io/irs_layout.hpp"
#include "io/text_file.hpp"
#include "solver/checkpoint.hpp"
#include "stage/apply.hpp"
#include "stage/element.hpp"
#include "stage/frames.hpp"
#include "stage/psf_input.hpp"
#include "stage/solve_history.hpp"
#include "stage/solve_problem.hpp"

namespace ir {
namespace {

array_ptr load(const std::string& name) { return expr::load_array(name, {}, 0); }

std::vector<double> numbers_in(const std::string& list, const std::string& whole) {
  std::vector<double> out;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    double v = 0;
    const auto [stop, bad] = std::from_chars(list.data() + begin, list.data() + end, v);
    if (bad != std::errc{} || stop != list.data() + end || !std::isfinite(v) || v < 0)
      throw usage_error(
          fmt::format("--fidelity {}: numbers that are not negative are expected", whole));
    out.push_back(v);
    begin = end + 1;
  }
  return out;
}

/// Domain and range of A, and how frames of the data make an element of the range.
struct layout {
  space domain, range;
  index_t frames = 1;  // of an element
};

/// The data that an element needs, copied as frames come.
class gathered {
 public:
  gathered(queue& q, const layout& l, precision p) : frames_(l.frames), y_(q, l.range, p) {}
  /// Whether the element is complete now.
  bool add(queue& q, cref frame) {
    if (frames_ == 1)
      load_element(q, frame, y_);
    else
      copy(q, frame, vec(y_).block(static_cast<int>(have_)));
    have_ = (have_ + 1) % frames_;
    return have_ == 0;
  }
  index_t pending() const { return have_; }
  cvec y() const { return y_; }

 private:
  index_t frames_, have_ = 0;
  owned_vec y_;
};

class solved final : public frame_source {
 public:
  solved(std::unique_ptr<frame_source> from, const stage_plan& p, const solve_options& o,
         spec_ptr A, read_terms terms, array_ptr init, layout l)
      : from_(std::move(from)),
        header_(p.out),
        where_(p.where),
        type_(p.type),
        o_(o),
        spec_(std::move(A)),
        read_(std::move(terms)),
        init_(std::move(init)),
        layout_(std::move(l)),
        data_(data_index(header_)) {}

  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    for (;;) {
      if (!from_->next(in_, q)) return finish();
      if (in_.array_no != data_) {
        std::swap(f, in_);
        return true;
      }
      if (!terms_) prepare(q);
      const cref values = std::as_const(in_.data).get();
      if (!data_y_->add(q, values)) continue;
      take_place(f, in_);
      f.number = elements_;
      const array_info& info = data_of(header_);
      f.data.reset(q, info.type, extents_of(info));
      f.begin = 0;
      f.end = line_count(info);
      if (const index_t bad = count_not_finite(q, data_y_->y()); bad > 0)
        throw data_error(fmt::format("element {}: {} values are NaN or infinite", elements_, bad));
      solve(q, f.data.get());
      ++elements_;
      return true;
    }
  }

  bool finish() {
    if (data_y_ && data_y_->pending() > 0)
      throw data_error(fmt::format("the operator has {} rows, and {} frames are left over",
                                   layout_.frames, data_y_->pending()));
    const auto policy =
        o_.replace ? pending_file::existing::replace : pending_file::existing::refuse;
    if (!o_.history.empty()) write_text_file(o_.history, history_.json(), policy);
    if (!o_.plot.empty()) write_text_file(o_.plot, history_.svg(), policy);
    return false;
  }

  void prepare(queue& q) {
    terms_ = build_terms(q, o_, spec_, read_, layout_.domain, type_);
    data_y_.emplace(q, layout_, type_);
    if (!init_) return;
    start_.emplace(q, layout_.domain, type_);
    const dtype from = init_->of == field::complex ? dtype::c128 : dtype::f64;
    load_element(q, cref(init_->values.data(), from, init_->extents), *start_);
    q.synchronize();
  }

  void solve(queue& q, ref out) {
    const problem p = problem_of(q, o_, *terms_, data_y_->y(), type_);
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
    const cvec y = data_y_->y();
    const auto bytes = static_cast<std::size_t>(y.in().size() * size_of(real_type(type_)));
    std::vector<std::byte> values(bytes);
    copy(q, cref(y.data(), real_type(type_), shape{y.in().size()}, q.where()),
         ref(values.data(), real_type(type_), shape{y.in().size()}));
    q.synchronize();
    std::string text = fmt::format("{} | {} | {:016x} | {} | {}", o_.expression, name_of(c.method),
                                   irs::checksum(values), to_string(layout_.domain),
                                   type_ == precision::f32 ? "f32" : "f64");
    for (const std::string& r : o_.regularisers) text += " | " + r;
    for (const constant& k : c.constants) text += fmt::format(" | {} {}", k.what, k.upper);
    if (o_.bounds) text += fmt::format(" | {}:{}", (*o_.bounds)[0], (*o_.bounds)[1]);
    const fidelity_options& f = o_.fidelity;
    text += fmt::format(" | {} {} {}", static_cast<int>(f.what), f.delta, f.background);
    for (const double w : f.weights) text += fmt::format(" {}", w);
    text += f.weight_map;
    for (const double w : o_.sigma) text += fmt::format(" sigma {}", w);
    return text + (o_.discrepancy ? " | discrepancy" : "") + " | " + o_.init;
  }

  std::unique_ptr<frame_source> from_;
  stream_header header_;
  device where_;
  precision type_;
  solve_options o_;
  spec_ptr spec_;
  read_terms read_;
  array_ptr init_;  // null: none
  layout layout_;
  int data_;
  frame in_;
  std::optional<solve_terms> terms_;
  std::optional<gathered> data_y_;
  std::optional<owned_vec> start_;
  solve_history history_;
  index_t elements_ = 0;
};

class solve_stage final : public stage {
 public:
  explicit solve_stage(const solve_options& o) : o_(o) {
    A_ = expr::read_operator(o_.expression, load);
    if (!o_.init.empty()) init_ = load(o_.init);
    for (const std::string& text : o_.regularisers)
      terms_.all.emplace_back(text, expr::read_functional(text, load));
    if (o_.solver != "auto" && !algorithm_named(o_.solver))
      throw usage_error(fmt::format("--solver: there is none called '{}'", o_.solver));
    if (o_.discrepancy && (o_.sigma.empty() || o_.fidelity.what != fidelity_options::kind::l2 ||
                           !o_.fidelity.weights.empty() || !o_.fidelity.weight_map.empty()))
      throw usage_error("--weight auto takes the fidelity l2 and the noise's --sigma");
    if (o_.discrepancy && o_.regularisers.empty())
      throw usage_error("--weight auto weighs --reg against the data: there is none");
    if (o_.resume && o_.checkpoint.empty())
      throw usage_error("--resume goes on from a --checkpoint FILE");
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const array_info& data = data_of(in[0]);
    const layout l = layout_of(in[0], r);
    stage_plan p;
    p.out = in[0];
    p.type = r.type;
    data_of(p.out) = solution_info(data, l.domain, r.type);
    if (l.frames > 1) regroup(p.out, l.frames);
    if (!o_.checkpoint.empty() && data_of(p.out).frames != index_t{1} &&
        !(p.out.along.name.empty()))
      throw usage_error(
          "--checkpoint keeps one solution, and the data are a stack: choose with --frames");
    p.needs = {{access::frames, 0}};
    const device asked = r.where.value_or(device{});
    const op_cost A =
        expr::pointing(o_.expression, [&] { return A_->cost(l.domain, r.type, asked); });
    double work = 2 * (A.bytes + A.flops);
    index_t tables = A.table_bytes, scratch = A.scratch_bytes;
    index_t vectors =
        8 * scratch_bytes_of(l.domain, r.type) + 4 * scratch_bytes_of(l.range, r.type);
    for (const auto& [text, terms] : terms_.all)
      for (const term_spec& t : terms) {
        if (!t.A) continue;
        const op_cost K = expr::pointing(text, [&] { return t.A->cost(l.domain, r.type, asked); });
        work += 2 * (K.bytes + K.flops);
        tables += K.table_bytes;
        scratch = std::max(scratch, K.scratch_bytes);
        vectors += 5 * scratch_bytes_of(expr::range_for(text, t.A, l.domain), r.type);
      }
    const index_t held = vectors + tables + 2 * scratch;
    choose_device(p, r, work / 16 * static_cast<double>(o_.rule.iterations), held);
    p.host_bytes =
        frame_bytes(data) + frame_bytes(data_of(p.out)) + (p.where.kind == device::cpu ? held : 0);
    p.device_bytes = p.where.kind == device::cpu ? 0 : held;
    if (r.host_bytes > 0 && p.host_bytes > r.host_bytes)
      throw memory_error(
          fmt::format("the vectors and operators of the problem take {} bytes, there are {}: give "
                      "more with --memory, or less data with --roi",
                      p.host_bytes, r.host_bytes));
    p.seconds = work * static_cast<double>(o_.rule.iterations) * 1e-10 / r.threads;
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    resources r = p.given;
    r.type = p.type;
    layout l = layout_of(in[0]->header(), r);
    return std::make_unique<solved>(std::move(in[0]), p, o_, A_, terms_, init_, std::move(l));
  }

 private:
  static void regroup(stream_header& h, index_t frames) {
    array_info& data = data_of(h);
    if (data.frames) {
      if (*data.frames % frames != 0)
        throw shape_error(fmt::format("the operator has {} rows, and {} frames are no multiple",
                                      frames, *data.frames));
      data.frames = *data.frames / frames;
    }
    h.along.size = h.along.size / frames;
    if (data.frames == index_t{1}) h.along = {};
  }

  layout layout_of(const stream_header& h, const resources& r) const {
    const array_info& data = data_of(h);
    const int rank = r.rank.value_or(2);
    const space frame = space_of(data, rank);
    const field of = frame.blocks()[0].of;
    std::optional<space> domain;
    if (o_.domain) {
      domain = space_of(*o_.domain, std::min(rank, o_.domain->rank()));
    } else if (const auto known = recorded_domain(h, o_.expression)) {
      domain = space_of(*known, std::min(rank, known->rank()));
    } else if (init_) {
      domain = space(init_->extents, init_->of, std::min(rank, init_->extents.rank()));
    }
    if (!domain) domain = inferred(frame);
    space range = expr::range_for(o_.expression, A_, *domain);
    if (holds(extents_of(data), of, range)) return {*domain, std::move(range), 1};
    const auto blocks = range.blocks();
    const bool views = std::ranges::all_of(
        blocks, [&](const space::block& b) { return b.extents == extents_of(data) && b.of == of; });
    if (!views)
      throw shape_error(fmt::format("{} maps {} to {}, and frames of the data are {}",
                                    o_.expression, to_string(*domain), to_string(range),
                                    to_string(frame)));
    const auto rows = static_cast<index_t>(blocks.size());
    return {*domain, std::move(range), rows};
  }

  /// From the frame, as the only row of A or as one of several alike.
  space inferred(const space& frame) const {
    return expr::pointing(o_.expression, [&]() -> space {
      if (const auto x = A_->domain_of(frame)) return *x;
      space rows = frame;
      for (int k = 2; k <= 64; ++k) {
        rows = rows | frame;
        std::optional<space> x;
        try {
          x = A_->domain_of(rows);
          if (x && same_blocks(A_->range_of(*x), rows)) return *x;
        } catch (const error&) {  // not so many rows
        }
      }
      throw usage_error(fmt::format(
          "several domains give {}, or none does: say which with --domain", to_string(frame)));
    });
  }

  solve_options o_;
  spec_ptr A_;
  read_terms terms_;
  array_ptr init_;  // null: none
};

}  // namespace

fidelity_options parse_fidelity(const std::string& text) {
  using kind = fidelity_options::kind;
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  fidelity_options f;
  if (text.starts_with("wl2:@") && text.size() > 5) {
    f.weight_map = text.substr(5);
    return f;
  }
  const auto values =
      colon == std::string::npos ? std::vector<double>{} : numbers_in(text.substr(colon + 1), text);
  if (name == "l2" && values.empty()) return f;
  if (name == "wl2" && !values.empty()) {
    f.weights = values;
    return f;
  }
  if (name == "l1" && values.empty()) {
    f.what = kind::l1;
    return f;
  }
  if (name == "huber" && values.size() == 1 && values[0] > 0) {
    f.what = kind::huber;
    f.delta = values[0];
    return f;
  }
  if (name == "kl" && values.size() <= 1) {
    f.what = kind::kl;
    f.background = values.empty() ? 0 : values[0];
    return f;
  }
  throw usage_error(
      fmt::format("--fidelity {}: one of l2, wl2:W (weights, one or one for each row), wl2:@FILE, "
                  "l1, huber:DELTA, kl, "
                  "kl:BACKGROUND is expected",
                  text));
}

std::unique_ptr<stage> make_solve(const solve_options& o) {
  return std::make_unique<solve_stage>(o);
}

}  // namespace ir
