#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "io/cut.hpp"
#include "io/cut_reader.hpp"
#include "io/packed.hpp"
#include "io/rows.hpp"

namespace ir {
namespace {

/// What happens to the frames of one array.
struct frame_cut {
  array_info info;       // after
  bool box = false;      // another region, bins: whole frames are needed
  bool convert = false;  // another type and nothing else
  memory_boxes* memory = nullptr;
  std::unique_ptr<cut_reader> reader;  // of `memory`
};

/// One frame at a time: there is no axis to cut along.
frame_cut make_cut(const array_info& from, cut_array plan) {
  plan.along.reset();
  frame_cut c;
  const bool same = std::all_of(plan.axes.begin(), plan.axes.end(), [](const cut_axis& a) {
    return a.bin == 1 && a.range.step == 1 && a.range.count == a.file_size;
  });
  c.box = !same;
  c.convert = same && plan.info.type != from.type;
  c.info = plan.info;
  if (c.box) {
    auto memory = std::make_unique<memory_boxes>(from, nullptr);
    c.memory = memory.get();
    c.reader = std::make_unique<cut_reader>(std::move(memory), std::move(plan));
  }
  return c;
}

/// --frames of a stream that may not tell how many it has.
std::optional<index_range> frames_of(const range_spec& spec, std::optional<index_t> size) {
  if (size) return resolve(spec, *size, "--frames");
  const index_t begin = spec.begin.value_or(0);
  if (begin < 0 || (spec.end && *spec.end < 0)) return {};
  if (!spec.end && !spec.single)
    return index_range{begin, std::numeric_limits<index_t>::max(), spec.step};
  return resolve(spec, std::numeric_limits<index_t>::max(), "--frames");
}

class stream_cut final : public frame_source {
 public:
  stream_cut(std::unique_ptr<frame_source> from, stream_header header, std::vector<frame_cut> cuts,
             std::optional<index_range> frames)
      : from_(std::move(from)),
        header_(std::move(header)),
        data_(data_index(header_)),
        cuts_(std::move(cuts)),
        frames_(frames) {}

  const stream_header& header() const override { return header_; }

 private:
  void do_deliver(delivery d) override {
    how_ = d;
    const bool boxes =
        std::any_of(cuts_.begin(), cuts_.end(), [](const frame_cut& c) { return c.box; });
    from_->deliver(boxes ? delivery::whole : d);
  }

  bool do_next(frame& f, queue& q) override {
    if (line_ > 0) return next_part(f), true;
    do {
      if (!from_->next(in_, q)) return check_end(), false;
    } while (!selected());
    const frame_cut& c = cuts_[static_cast<std::size_t>(in_.array_no)];
    if (c.box) return cut_frame(c, f), true;
    std::swap(f, in_);
    if (c.convert) {
      const cref was = f.data.get();
      in_.data.reset(host_, c.info.type, was.extents);
      copy(host_, was, in_.data.get());
      std::swap(f.data, in_.data);
    }
    return true;
  }

  /// Whether the frame is wanted; gives it its new number.
  bool selected() {
    const array_info& info = from_->header().arrays[static_cast<std::size_t>(in_.array_no)];
    if (in_.array_no == data_ && in_.end == line_count(info)) seen_ = in_.number + 1;
    if (in_.array_no != data_ && !is_row(info)) return true;
    if (!frames_) return true;
    const index_t k = in_.number - frames_->begin;
    if (k < 0 || k % frames_->step != 0 || k / frames_->step >= frames_->count) return false;
    in_.number = k / frames_->step;
    return true;
  }

  void check_end() const {
    if (!frames_) return;
    const bool open = frames_->count == std::numeric_limits<index_t>::max();
    const index_t last =
        open ? frames_->begin : frames_->begin + (frames_->count - 1) * frames_->step;
    if (last >= seen_)
      throw usage_error(fmt::format("--frames: {} is beyond the {} there are", last, seen_));
  }

  void cut_frame(const frame_cut& c, frame& f) {
    c.memory->look_at(in_.data.get().data);
    const shape n = extents_of(c.info);
    const std::vector<index_t> zero(static_cast<std::size_t>(n.rank()), 0);
    result_.reset(host_, c.info.type, n);
    c.reader->read({0, 1, shape(zero), n}, result_.get().data);
    line_ = 0;
    if (how_ == delivery::parts) return next_part(f);
    f.array_no = in_.array_no;
    f.number = in_.number;
    f.begin = 0;
    f.end = line_count(c.info);
    f.meta = in_.meta;
    std::swap(f.data, result_);
  }

  /// The next lines of `result_`.
  void next_part(frame& f) {
    const array_info& info = cuts_[static_cast<std::size_t>(in_.array_no)].info;
    f.array_no = in_.array_no;
    f.number = in_.number;
    f.begin = line_;
    f.end = std::min(line_ + lines_a_part(info), line_count(info));
    f.meta = in_.meta;
    if (f.begin == 0 && f.end == line_count(info)) {
      std::swap(f.data, result_);
    } else {
      const cref part = std::as_const(result_).get().lines(f.begin, f.end);
      f.data.reset(host_, info.type, part.extents);
      copy(host_, part, f.data.get());
    }
    line_ = f.end == line_count(info) ? 0 : f.end;
  }

  std::unique_ptr<frame_source> from_;
  stream_header header_;
  int data_;
  std::vector<frame_cut> cuts_;
  std::optional<index_range> frames_;
  delivery how_ = delivery::whole;
  queue host_;
  frame in_;
  array result_;      // a frame that was cut
  index_t line_ = 0;  // its next line where it goes out in parts
  index_t seen_ = 0;  // frames of data
};

/// Whether this selection leaves the stream's frames as they are cut.
bool same_frames(const stream_header& h, const selection& s) {
  const array_info& data = data_of(h);
  const auto axes = std::count_if(data.axes.begin(), data.axes.end(),
                                  [](const axis& a) { return a.name != "c"; });
  const bool stack = !h.along.name.empty();
  if (!s.axes.empty()) return false;
  if (!s.along.empty() && !(stack && (s.along == h.along.name || s.along == "0"))) return false;
  if (s.rank && *s.rank > axes) return false;
  return !(s.whole && stack);
}

}  // namespace

std::unique_ptr<frame_source> cut_stream(std::unique_ptr<frame_source>& from, const selection& s) {
  stream_header header = from->header();
  if (!same_frames(header, s)) return {};
  const auto data_no = static_cast<std::size_t>(data_index(header));
  cut_array data = plan_frame(header.arrays[data_no], s);

  std::optional<index_range> frames;
  if (s.frames) {
    const auto size = header.arrays[data_no].frames;
    frames = frames_of(*s.frames, header.along.name.empty() ? std::optional<index_t>(1) : size);
    if (!frames) return {};
    // A coordinate of the frames can only be cut with them where their number is known.
    const bool follows =
        std::any_of(header.arrays.begin(), header.arrays.end(), [&](const array_info& a) {
          return a.what != role::data &&
                 std::any_of(a.axes.begin(), a.axes.end(),
                             [&](const axis& x) { return x.name == header.along.name; });
        });
    if (!size && follows) return {};
    axis& along = header.along;
    along.origin += static_cast<double>(frames->begin) * along.spacing;
    along.spacing *= static_cast<double>(frames->step);
    const bool open = frames->count == std::numeric_limits<index_t>::max();
    data.info.frames = open ? std::nullopt : std::optional<index_t>(frames->count);
    const index_t all = along.size;
    along.size = open ? 0 : frames->count;
    if (size) data.along = cut_axis{0, all, *frames, 1, along};
  }

  std::vector<frame_cut> cuts;
  for (std::size_t i = 0; i < header.arrays.size(); ++i) {
    array_info& info = header.arrays[i];
    if (i == data_no) {
      cuts.push_back(make_cut(info, data));
    } else {
      cut_array side = plan_side(info, data, side_frames::none, s);
      side.info.frames = is_row(info) ? data.info.frames : info.frames;
      cuts.push_back(make_cut(info, std::move(side)));
    }
    info = cuts.back().info;
  }
  return std::make_unique<stream_cut>(std::move(from), std::move(header), std::move(cuts), frames);
}

}  // namespace ir
