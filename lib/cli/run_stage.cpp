#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/invocation.hpp"
#include "cli/outcome.hpp"
#include "cli/plan_text.hpp"
#include "cli/progress.hpp"
#include "core/parallel.hpp"
#include "core/row_runner.hpp"
#include "io/metadata.hpp"
#include "io/rows.hpp"
#include "stage/overlap.hpp"
#include "stage/pump.hpp"

namespace ir {
namespace {

/// One run of a stage over one input.
class stage_run {
 public:
  stage_run(invocation& call, const stage_factory& make, std::string target)
      : call_(call),
        body_(make()),
        target_(std::move(target)),
        report_(std::make_shared<run_report>(call.what->name)) {
    report_->on_line = [this](const std::string& line) { call_.say(line); };
  }

  exit_code run(const std::vector<std::string>& names) {
    const resources r = call_.common.available(share(names));
    set_threads(r.threads);
    input_ = call_.in.resolve(call_.common, r.host_bytes);
    if (style() != progress_style::none)
      bar_ = std::make_unique<progress>(call_.what->name, style());
    refuse_existing();
    try {
      execute(names, r);
    } catch (const dry_run_done&) {
      throw;
    } catch (...) {
      tell_reader(outcome_of(std::current_exception()));
      throw;
    }
    return body_->verdict();
  }

 private:
  bool to_stream() const { return target_ == "-"; }
  bool reads() const {
    return call_.what->input != tool::takes::nothing && !call_.table.in_place_of_input();
  }

  memory_share share(const std::vector<std::string>& names) const {
    if (call_.what->light) return memory_share::light;
    const bool piped = to_stream() || (reads() && (names.empty() || names[0] == "-"));
    return piped ? memory_share::pipe : memory_share::files;
  }

  /// Before any work is done; the sink checks again.
  void refuse_existing() const {
    if (to_stream() || call_.common.force || call_.out.append) return;
    const std::string path = split_name(target_).path;
    if (std::error_code ignored; std::filesystem::is_regular_file(path, ignored))
      throw output_error(path + " exists: give --force to replace it");
  }

  void execute(const std::vector<std::string>& names, const resources& r) {
    open(names);
    stage_plan plan = make_plan(r);
    if (call_.common.dry_run) print_plan(plan);
    sink_ = create_output(target_, plan.out, output(), call_.cancel);
    if (to_stream() && !isatty(STDOUT_FILENO)) call_.cancel->watch_reader_of(STDOUT_FILENO);

    queue q(plan.where, call_.cancel);
    q.reserve(plan.scratch_bytes);
    q.listen(report_);
    supply(plan, q);
    auto out = body_->open(std::move(inputs_), plan);
    if (plan.needs.empty() && sink_->takes_parts()) out->deliver(delivery::parts);  // a generator
    if (overlaps(plan.out)) sink_ = write_behind(std::move(sink_), call_.cancel);
    show_progress(plan.out);
    const pumped done =
        pump(*out, *sink_, q, [&](index_t) { report_->progress("frame", ++frames_, expected_); });
    finish(done);
  }

  void open(const std::vector<std::string>& names) {
    if (call_.common.verbose) input_.say = [this](const std::string& line) { call_.say(line); };
    input_.stream.on_progress = [this](const progress_note& n) { upstream_progress(n); };
    std::vector<side_source> sides = call_.open_sides(input_);
    const auto psf = std::ranges::find(sides, role::psf, &side_source::what);
    const bool as_psf = psf != sides.end() && !input_.cut.rank;
    if (as_psf) input_.cut.rank = spatial_rank(data_of(psf->from->header()), shape::max_rank);
    if (const option_info* const o = call_.table.in_place_of_input(); o && !names.empty())
      throw usage_error(
          fmt::format("{} takes the place of an input, but {} is given", o->long_name, names[0]));
    if (!reads()) return;
    try {
      inputs_.push_back(as_rows(names) ? open_rows(names) : call_.open_main(names, input_));
    } catch (const usage_error& e) {
      if (!as_psf || std::string_view(e.what()).find("--rank") == std::string_view::npos) throw;
      throw shape_error(fmt::format("the PSF is {}, the input has fewer axes: {}",
                                    to_string(extents_of(data_of(psf->from->header()))), e.what()));
    }
    if (!sides.empty()) inputs_[0] = join(std::move(sides), std::move(inputs_[0]));
  }

  bool as_rows(const std::vector<std::string>& names) const {
    return names.size() > 1 && body_->takes_rows(names.size());
  }

  /// Rows of stacks are read frame by frame of each, so by regions.
  std::unique_ptr<frame_source> open_rows(const std::vector<std::string>& names) {
    sources rows;
    for (const std::string& name : names) {
      rows.push_back(call_.open_main({name}, input_));
      if (rows.back()->regions() || data_of(rows.back()->header()).frames == 1) continue;
      queue host({}, call_.cancel);
      rows.back() = with_regions(std::move(rows.back()), input_, host);
    }
    rows_ = names;
    return join_rows(std::move(rows), names);
  }

  stage_plan make_plan(const resources& r) const {
    std::vector<stream_header> headers;
    for (const auto& s : inputs_) headers.push_back(s->header());
    resources given = r;
    given.rank = input_.cut.rank;
    given.rows = rows_;
    const device asked = r.where.value_or(device{device::cuda, 0});
    if (!call_.what->light && asked.kind == device::cuda)
      given.device_bytes = cuda_memory_budget(asked.ordinal);
    for (const stream_header& h : headers)
      if (const std::size_t rows = row_arrays(h).size(); rows > 1 && !body_->knows_rows())
        throw data_error(
            fmt::format("the data are {} rows of an operator, and {} works on one array: give each "
                        "a file with ir-write 'y_{{row}}.tif'",
                        rows, call_.what->name));
    stage_plan p = body_->plan(headers, given);
    p.given = given;
    if (call_.common.no_provenance)
      p.out.meta = metadata::with(p.out.meta, "history", "null");
    else
      p.out.meta = with_command(p.out.meta,
                                fmt::format("{}  # ir-tools {}, {}, {}", call_.command, IR_VERSION,
                                            device_text(p.where), name_of(isa_level())));
    if (call_.common.verbose)
      call_.say(fmt::format("{} ({}), {} threads", device_text(p.where), p.why, r.threads));
    report_->text("device", device_text(p.where));
    report_->text("isa", name_of(isa_level()));
    report_->fact("threads", r.threads);
    return p;
  }

  [[noreturn]] void print_plan(const stage_plan& p) {
    const std::string text = call_.common.json ? plan_json(p) + "\n" : plan_text(p);
    const bool inside_pipe = to_stream() && !isatty(STDOUT_FILENO);
    std::fputs(text.c_str(), inside_pipe ? stderr : stdout);
    if (inside_pipe)  // the header lets later stages plan on what would come
      create_output(target_, p.out, output(), call_.cancel)
          ->abort(call_.what->name, exit_code::ok, "dry run");
    throw dry_run_done{};
  }

  output_options output() {
    output_options o = call_.out.resolve(call_.common);
    o.file.on_clamped = [this](index_t clamped, index_t of) {
      if (clamped == 0) return;
      report_->fact("clamped", static_cast<double>(clamped));
      if (!call_.common.quiet)
        call_.say(
            fmt::format("note: {} of {} values were clamped to the output's range", clamped, of));
    };
    return o;
  }

  void supply(const stage_plan& p, queue& q) {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (p.needs[i].kind == access::random) {
        queue host({}, call_.cancel);
        inputs_[i] = with_regions(std::move(inputs_[i]), input_, host);
        continue;
      }
      if (p.needs[i].kind == access::parts && sink_->takes_parts())
        inputs_[i]->deliver(delivery::parts);
      if (overlaps(inputs_[i]->header()))
        inputs_[i] = prefetch(std::move(inputs_[i]), call_.cancel);
    }
    q.poll();
  }

  /// A single small frame has nothing to overlap with.
  static bool overlaps(const stream_header& h) {
    const array_info& data = data_of(h);
    return data.frames.value_or(2) > 1 || frame_bytes(data) > part_bytes;
  }

  void show_progress(const stream_header& out) {
    expected_ = data_of(out).frames.value_or(0);
    const bool piped = to_stream() && !isatty(STDOUT_FILENO);
    report_->on_progress = [this, piped](const progress_note& n) {
      if (bar_) bar_->update(n.unit, n.done, n.total);
      if (!piped || seconds_now() - told_ < 0.1) return;
      told_ = seconds_now();
      sink_->note(n);
    };
  }

  progress_style style() const {
    const std::string& asked = call_.common.progress;
    if (call_.common.quiet || asked == "off") return progress_style::none;
    if (asked == "json") return progress_style::json;
    return asked == "on" ? progress_style::bar : usual_progress();
  }

  /// Called while reading ahead, on the reader's thread.
  void upstream_progress(const progress_note& n) {
    if (bar_) bar_->note(n);
  }

  void finish(const pumped& done) {
    bar_.reset();
    report_->fact("frames", static_cast<double>(done.frames));
    report_->fact("bytes", static_cast<double>(done.bytes));
    sink_->finish();
    call_.write_report(report_->json() + "\n");
    sink_->commit();
    if (call_.common.verbose) call_.say(report_->summary());
    if (call_.common.json)
      std::fprintf(to_stream() ? stderr : stdout, "%s\n", report_->json().c_str());
  }

  void tell_reader(const outcome& o) noexcept {
    if (o.signal != 0) return;
    const exit_code code = o.code;
    if (sink_) return sink_->abort(call_.what->name, code, o.message);
    if (!to_stream() || isatty(STDOUT_FILENO) || (!call_.out.to.empty() && call_.out.to != "irs"))
      return;
    descriptor out = descriptor::standard_output(call_.cancel);
    write_irs_abort(out, call_.what->name, code, o.message);
  }

  invocation& call_;
  std::unique_ptr<stage> body_;
  std::string target_;
  std::shared_ptr<run_report> report_;
  input_options input_;
  std::unique_ptr<progress> bar_;  // before the inputs: their threads tell it of earlier stages
  sources inputs_;
  std::vector<std::string> rows_;  // names of the inputs, where they are rows of the data
  std::unique_ptr<frame_sink> sink_;
  index_t frames_ = 0, expected_ = 0;
  double told_ = 0;
};

std::string with_stem(std::string target, const std::string& input) {
  const std::string stem = std::filesystem::path(split_name(input).path).stem();
  for (auto at = target.find("{stem}"); at != target.npos;
       at = target.find("{stem}", at + stem.size()))
    target.replace(at, 6, stem);
  return target;
}

}  // namespace

exit_code run_stage(invocation& call, const stage_factory& make) {
  if (!call.in.each) return stage_run(call, make, call.out.target).run(call.in.names);
  if (call.out.target.find("{stem}") == std::string::npos)
    throw usage_error("--each needs {stem} in --output, for example -o 'out/{stem}.png'");
  exit_code worst = exit_code::ok;
  for (const std::string& name : call.in.names)
    if (const exit_code code = stage_run(call, make, with_stem(call.out.target, name)).run({name});
        code != exit_code::ok)
      worst = code;
  return worst;
}

}  // namespace ir
