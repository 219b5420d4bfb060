#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "io/cut.hpp"
#include "io/input.hpp"
#include "io/scan.hpp"

namespace ir {
namespace {

/// The frames of a stream under other names of axes.
class renamed final : public frame_source {
 public:
  renamed(std::unique_ptr<frame_source> from, stream_header header)
      : from_(std::move(from)), header_(std::move(header)) {}
  const stream_header& header() const override { return header_; }

 private:
  void do_deliver(delivery d) override { from_->deliver(d); }
  bool do_next(frame& f, queue& q) override { return from_->next(f, q); }

  std::unique_ptr<frame_source> from_;
  stream_header header_;
};

/// Stands for the data of a stream where only their description is asked for.
class described final : public box_source {
 public:
  explicit described(array_info info) : box_source(std::move(info)) {}

 private:
  void do_read(const shape&, const shape&, void*) const override {
    throw bug_error("the description of a stream is read");
  }
};

bool has(const stream_header& h, role what) {
  return std::any_of(h.arrays.begin(), h.arrays.end(), [&](const array_info& a) {
    return a.what == what && (what != role::coordinate || a.name == scan::angle_name);
  });
}

void refuse_second(const stream_header& h, const scan_files& f) {
  const std::pair<const std::string&, role> all[] = {
      {f.flat, role::flat}, {f.dark, role::dark}, {f.angles, role::coordinate}};
  for (const auto& [given, what] : all)
    if (!given.empty() && has(h, what))
      throw usage_error(fmt::format("{}: the stream carries {} already", given,
                                    what == role::coordinate ? "angles" : name_of(what)));
}

}  // namespace

std::unique_ptr<frame_source> join_scan_files(std::unique_ptr<frame_source> stream,
                                              const scan_files& files,
                                              const open_options& options) {
  if (files.empty()) return stream;
  stream_header header = stream->header();
  refuse_second(header, files);
  array_info whole = data_of(header);
  const bool stack = !header.along.name.empty();
  if (stack && header.along.size == 0 && !files.angles.empty())
    throw usage_error("--angles: the stream does not tell how many views it has");
  if (stack) whole.axes.insert(whole.axes.begin(), header.along);

  file_contents scan;
  scan.arrays.push_back(std::make_unique<described>(whole));
  scan.along = header.along.name;
  add_scan_files(scan, files, options);
  const std::vector<axis> axes = scan.arrays.back()->info().axes;
  scan.arrays.pop_back();
  if (axes != whole.axes) {
    if (stack) header.along = axes[0];
    data_of(header).axes.assign(axes.begin() + (stack ? 1 : 0), axes.end());
    stream = std::make_unique<renamed>(std::move(stream), header);
  }
  std::vector<side_source> sides;
  for (auto& array : scan.arrays) {
    const array_info& info = array->info();
    file_contents one;
    const std::string name = info.name;
    const role what = info.what;
    one.arrays.push_back(std::move(array));
    sides.push_back({name, what, cut(std::move(one), {})});
  }
  return join(std::move(sides), std::move(stream));
}

}  // namespace ir
