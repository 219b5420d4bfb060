#pragma once
#include <optional>
#include <string>

#include "core/array.hpp"
#include "io/spool.hpp"
#include "stage/denoise_images.hpp"
#include "stage/volume_parts.hpp"

namespace ir {

/// Frames (c, images, planes, ...) that are finished slab by slab, all channels together, on their
/// way into a stream, where one channel comes after the other: channel 0 leaves with its slab, the
/// others wait in a scratch file for the end of the frame.
class channel_order {
 public:
  /// `out`, array `array_no` of the stream, must outlive it; `folder` as --tmpdir.
  channel_order(const image_layout&, const array_info& out, int array_no, std::string folder);
  /// Of the scratch file.
  static index_t spool_bytes(const image_layout&, const array_info& out);

  /// Planes from `first` of an image, (c, planes, ...) in out's type on the host, to be kept until
  /// `empty`; slabs and images in order. memory_error: the scratch file does not fit its disk.
  void put(queue&, cref slab, index_t frame, index_t image, index_t first);
  /// Nothing to give before the next slab.
  bool empty() const { return ready_.empty() && read_ == complete_; }
  void give(frame&, queue&);

 private:
  void take_back(queue&);

  image_layout layout_;
  const array_info& out_;
  int array_no_;
  std::string folder_;
  index_t line_bytes_, channel_lines_;
  std::optional<spool> waiting_;                 // lines of the channels from 1 on
  index_t frame_ = 0, read_ = 0, complete_ = 0;  // of those lines
  array back_;
  line_parts ready_;
};

}  // namespace ir
