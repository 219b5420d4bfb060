#include "stage/metric_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace ir {
namespace {

index_t line_length(const shape& n) { return n.rank() > 0 ? n[n.rank() - 1] : 1; }
index_t lines_of(const shape& n) { return n.count() / std::max<index_t>(1, line_length(n)); }
index_t lines_a_block(const shape& n) {
  return std::clamp<index_t>((1 << 18) / line_length(n), 1, lines_of(n));
}

}  // namespace

/// Lines of the frames of `data` as doubles.
class frame_pairs::feed {
 public:
  explicit feed(const stream_header& h) : number_(data_index(h)), info_(data_of(h)) {}
  virtual ~feed() = default;
  virtual bool has(index_t frame) = 0;
  virtual void read(index_t frame, index_t begin, index_t end, double* to) = 0;

 protected:
  int number_;  // of the array
  array_info info_;
};

class frame_pairs::feed_in_order final : public feed {
 public:
  feed_in_order(frame_source& from, queue& q) : feed(from.header()), from_(&from), q_(&q) {}

  bool has(index_t frame) override {
    while (frames_ < frame && pull()) continue;  // lines that nobody asked for
    return frames_ == frame && (here_ < part_.end || pull());
  }

  void read(index_t, index_t begin, index_t end, double* to) override {
    const index_t nx = line_length(extents_of(info_));
    while (begin < end) {
      if (here_ == part_.end && !pull()) throw data_error("the last frame is incomplete");
      const index_t until = std::min(end, part_.end);
      const cref from =
          std::as_const(part_.data).get().lines(begin - part_.begin, until - part_.begin);
      const ref doubles(to, dtype::f64, from.extents);
      copy(*q_, from, doubles);
      to += (until - begin) * nx;
      begin = here_ = until;
    }
    q_->synchronize();
    if (begin == line_count(info_)) {
      ++frames_;
      here_ = part_.end = 0;
    }
  }

 private:
  bool pull() {
    while (from_->next(part_, *q_))
      if (part_.array_no == number_) {
        here_ = part_.begin;
        return true;
      }
    return false;
  }

  frame_source* from_;
  queue* q_;
  frame part_;
  index_t here_ = 0;    // next line of part_
  index_t frames_ = 0;  // read to their end
};

class frame_pairs::feed_by_regions final : public feed {
 public:
  feed_by_regions(const frame_source& from, queue& q)
      : feed(from.header()), from_(from.regions()), q_(&q) {
    if (!info_.frames) throw bug_error("a source of regions that does not know its frames");
  }

  bool has(index_t frame) override { return frame < *info_.frames; }

  void read(index_t frame, index_t begin, index_t end, double* to) override {
    const shape n = extents_of(info_);
    while (begin < end) {
      const region box = box_of(n, frame, begin, end);
      values_.reset(*q_, info_.type, box.extents);
      from_->read(box, values_.get(), *q_);
      copy(*q_, std::as_const(values_).get(), ref(to, dtype::f64, box.extents));
      to += box.extents.count();
      begin += box.extents.count() / line_length(n);
    }
    q_->synchronize();
  }

 private:
  /// As many of the lines from `begin` as make a box: up to the end of the second fastest axis.
  region box_of(const shape& n, index_t frame, index_t begin, index_t end) const {
    const int r = n.rank();
    std::vector<index_t> origin(static_cast<std::size_t>(r), 0), extents(origin);
    std::ranges::fill(extents, 1);
    extents.back() = line_length(n);
    index_t left = begin;
    for (int axis = r - 2; axis >= 0; --axis) {
      origin[static_cast<std::size_t>(axis)] = left % n[axis];
      left /= n[axis];
    }
    if (r > 1) {
      const auto y = static_cast<std::size_t>(r - 2);
      extents[y] = std::min(end - begin, n[r - 2] - origin[y]);
    }
    return {number_, frame, shape(origin), shape(extents)};
  }

  const region_source* from_;
  queue* q_;
  array values_;
};

std::unique_ptr<frame_pairs::feed> frame_pairs::make_feed(frame_source& from, queue& q) {
  if (from.regions()) return std::make_unique<feed_by_regions>(from, q);
  return std::make_unique<feed_in_order>(from, q);
}

frame_pairs::frame_pairs(frame_source& x, frame_source& r, index_t border, std::optional<int> rank,
                         queue& q) {
  const array_info &of_x = data_of(x.header()), &of_r = data_of(r.header());
  for (const array_info* a : {&of_x, &of_r})
    if (is_complex(a->type))
      throw data_error(fmt::format("metrics are of real images: {} is {}",
                                   a == &of_x ? "the input" : "the reference", name_of(a->type)));
  extents_ = extents_of(of_x);
  if (const shape of_reference = extents_of(of_r); !(extents_ == of_reference)) {
    const int ranks[] = {spatial_rank(of_x, shape::max_rank), spatial_rank(of_r, shape::max_rank)};
    throw shape_error(fmt::format(
        "frames of the input are {}, of the reference {}{}", to_string(extents_),
        to_string(of_reference),
        ranks[0] == ranks[1] ? "" : fmt::format(": give --rank {}", std::max(ranks[0], ranks[1]))));
  }
  if (of_x.frames && of_r.frames && *of_x.frames != *of_r.frames)
    throw shape_error(
        fmt::format("the input has {} frames, the reference {}", *of_x.frames, *of_r.frames));
  margin_.resize(of_x.axes.size(), 0);
  int spatial = spatial_rank(of_x, rank.value_or(shape::max_rank));
  for (std::size_t axis = of_x.axes.size(); axis-- > 0 && spatial > 0;)
    if (of_x.axes[axis].name != "c") {
      margin_[axis] = border;
      --spatial;
      if (of_x.axes[axis].size <= 2 * border)
        throw usage_error(fmt::format("--border {}: nothing is left of frames of {}", border,
                                      to_string(extents_)));
    }
  const auto room = static_cast<std::size_t>(lines_a_block(extents_) * line_length(extents_));
  x_lines_.resize(room);
  r_lines_.resize(room);
  x_ = make_feed(x, q);
  r_ = make_feed(r, q);
}

frame_pairs::~frame_pairs() = default;

bool frame_pairs::has(index_t frame) {
  const bool in_x = x_->has(frame), in_r = r_->has(frame);
  if (in_x != in_r)
    throw shape_error(fmt::format("{} has {} frames, {} more", in_x ? "the reference" : "the input",
                                  frame, in_x ? "the input" : "the reference"));
  return in_x;
}

metric_sums frame_pairs::sums(index_t frame, double factor) {
  const index_t lines = lines_of(extents_), step = lines_a_block(extents_);
  metric_sums all;
  for (index_t begin = 0; begin < lines; begin += step) {
    const index_t end = std::min(lines, begin + step);
    x_->read(frame, begin, end, x_lines_.data());
    r_->read(frame, begin, end, r_lines_.data());
    const auto n = static_cast<std::size_t>(drop_border(begin, end, x_lines_.data()));
    drop_border(begin, end, r_lines_.data());
    if (n > 0) all.add(sums_of({x_lines_.data(), n}, {r_lines_.data(), n}, factor));
  }
  if (all.bad_x > 0 || all.bad_r > 0)
    throw data_error(fmt::format("frame {} of {}: {} of {} values are NaN or infinite", frame,
                                 all.bad_x > 0 ? "the input" : "the reference",
                                 all.bad_x > 0 ? all.bad_x : all.bad_r, all.count));
  return all;
}

bool frame_pairs::keeps_line(index_t line) const {
  for (int axis = extents_.rank() - 2; axis >= 0; --axis) {
    const index_t at = line % extents_[axis], margin = margin_[static_cast<std::size_t>(axis)];
    if (at < margin || at >= extents_[axis] - margin) return false;
    line /= extents_[axis];
  }
  return true;
}

/// Moves what is inside the border of these lines to the front; the number of pixels.
index_t frame_pairs::drop_border(index_t begin, index_t end, double* lines) const {
  const index_t nx = line_length(extents_), margin = margin_.empty() ? 0 : margin_.back();
  if (std::ranges::all_of(margin_, [](index_t m) { return m == 0; })) return (end - begin) * nx;
  double* to = lines;
  for (index_t line = begin; line < end; ++line) {
    const double* const from = lines + (line - begin) * nx;
    if (keeps_line(line)) to = std::copy(from + margin, from + nx - margin, to);
  }
  return to - lines;
}

}  // namespace ir
