#pragma once
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include "io/sink.hpp"
#include "io/source.hpp"

namespace ir::test {

/// A header of one array of data, axes named from the right x y z.
inline stream_header header_of(const shape& frame, index_t frames, dtype type = dtype::f32) {
  stream_header h;
  array_info a;
  a.name = "data";
  a.type = type;
  a.frames = frames;
  const char* names[] = {"x", "y", "z", "t"};
  for (int i = 0; i < frame.rank(); ++i)
    a.axes.push_back({names[frame.rank() - 1 - i], "", frame[i], 1, 0});
  h.arrays.push_back(a);
  h.along = {frame.rank() == 2 ? "z" : "t", "", frames, 1, 0};
  return h;
}

/// Frames of f32: value(frame number, index in the frame). `before` is called before each frame and
/// may throw.
class made_frames final : public frame_source {
 public:
  using value = std::function<float(index_t, index_t)>;
  made_frames(stream_header h, value v, std::function<void(index_t)> before = {})
      : header_(std::move(h)), value_(std::move(v)), before_(std::move(before)) {}
  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    if (before_) before_(at_);
    if (at_ == data_of(header_).frames) return false;
    f.array_no = 0;
    f.number = at_;
    f.begin = 0;
    f.end = line_count(data_of(header_));
    f.data.reset(q, dtype::f32, extents_of(data_of(header_)));
    const auto v = view<float>(f.data.get(), {f.data.get().extents.count()});
    for (index_t i = 0; i < v.extent(0); ++i) v(i) = value_(at_, i);
    ++at_;
    return true;
  }
  stream_header header_;
  value value_;
  std::function<void(index_t)> before_;
  index_t at_ = 0;
};

/// Keeps every value that is put. `before` is called before each frame and may throw.
struct kept_frames final : frame_sink {
  std::vector<std::vector<float>> frames;
  bool finished = false, committed = false;
  std::function<void(index_t)> before;

  void put(frame& f, queue&) override {
    if (before) before(f.number);
    const cref r = std::as_const(f.data).get();
    const float* p = static_cast<const float*>(r.data);
    frames.emplace_back(p, p + r.extents.count());
  }
  void finish() override { finished = true; }
  void commit() override { committed = true; }
};

}  // namespace ir::test
