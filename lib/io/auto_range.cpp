#include "io/auto_range.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "io/spool.hpp"

namespace ir {
namespace {

/// Least and greatest finite value.
struct extremes {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  void add(cref values, queue& q) {
    real_.reset(q, dtype::f64, values.extents);
    copy(q, values, real_.get());
    const double* v = static_cast<const double*>(real_.get().data);
    for (index_t i = 0; i < values.extents.count(); ++i) {
      if (!std::isfinite(v[i])) continue;
      low = std::min(low, v[i]);
      high = std::max(high, v[i]);
    }
  }

 private:
  array real_;
};

class auto_range_sink final : public frame_sink {
 public:
  auto_range_sink(std::string target, const stream_header& h, output_options o,
                  std::shared_ptr<const cancellation> cancel)
      : target_(std::move(target)),
        header_(h),
        options_(std::move(o)),
        cancel_(std::move(cancel)),
        cpu_({}, cancel_),
        data_(data_index(h)),
        scratch_(spool_folder(options_.tmpdir)),
        kept_(std::make_unique<irs_sink>(descriptor::create(scratch_.path(), cancel_), h,
                                         irs_write_options{options_.file.allow_empty})) {}

  void put(frame& f, queue& q) override {
    if (f.array_no == data_) range_.add(std::as_const(f.data).get(), cpu_);
    kept_->put(f, q);
  }
  bool takes_parts() const override { return true; }

  void finish() override {
    kept_->finish();
    kept_.reset();
    options_.file.range_auto = false;
    options_.file.range = range();
    sink_ = create_output(target_, header_, options_, cancel_);
    const auto again = open_irs(descriptor::open_read(scratch_.path(), cancel_), {});
    if (sink_->takes_parts()) again->deliver(delivery::parts);
    frame f;
    while (again->next(f, cpu_)) sink_->put(f, cpu_);
    sink_->finish();
  }
  void commit() override { sink_->commit(); }
  void abort(const std::string& tool, exit_code code,
             const std::string& message) noexcept override {
    if (sink_) sink_->abort(tool, code, message);
  }

 private:
  std::array<double, 2> range() const {
    if (!(range_.low <= range_.high)) return {0, 1};  // no finite value at all
    return {range_.low, range_.high};
  }

  std::string target_;
  stream_header header_;
  output_options options_;
  std::shared_ptr<const cancellation> cancel_;
  queue cpu_;
  int data_;
  extremes range_;
  spool_file scratch_;
  std::unique_ptr<irs_sink> kept_;
  std::unique_ptr<frame_sink> sink_;
};

/// Whether it could be written, before all frames have been waited for; nothing is left of it.
void check(const std::string& target, const stream_header& h, output_options o) {
  if (is_complex(data_of(h).type))
    throw usage_error("--range auto: complex values have no least one");
  o.file.range_auto = false;
  o.file.range = {0, 1};
  std::error_code ignored;
  const auto there = std::filesystem::status(target, ignored);
  const bool file = !std::filesystem::exists(there) || std::filesystem::is_regular_file(there);
  if (target != "-" && file) create_output(target, h, o);
}

}  // namespace

std::unique_ptr<frame_sink> auto_range(const std::string& target, const stream_header& h,
                                       const output_options& o,
                                       std::shared_ptr<const cancellation> cancel) {
  check(target, h, o);
  return std::make_unique<auto_range_sink>(target, h, o, std::move(cancel));
}

}  // namespace ir
