#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "io/box_source.hpp"

namespace ir {

/// Size and kind of a PNG or JPEG picture.
struct picture_kind {
  index_t height = 0, width = 0;
  int channels = 1;  // 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha
  dtype type = dtype::u8;
};
/// Axes (y, x), or (c, y, x).
array_info picture_array(const picture_kind&);

/// A compressed picture as an array: decoded as a whole when a box is first read, then kept.
class picture_boxes final : public box_source {
 public:
  using pixels = std::unique_ptr<std::byte[]>;  // lines, channels interleaved
  picture_boxes(array_info, const picture_kind&, std::function<pixels()> decode);
  shape block() const override { return extents_of(info()); }

 private:
  void do_read(const shape& origin, const shape& extents, void* out) const override;

  picture_kind kind_;
  std::function<pixels()> decode_;
  mutable std::once_flag once_;
  mutable pixels pixels_;
};

/// What a frame is as a picture. usage_error: not (y, x) or (c, y, x) with at most 4 channels.
picture_kind picture_of(const array_info&, const std::string& format);
/// (c, y, x) to lines of interleaved channels.
void interleave(const picture_kind&, const std::byte* planes, std::byte* lines);

}  // namespace ir
