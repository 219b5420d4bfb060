#pragma once
#include <vector>

#include "io/frame.hpp"

namespace ir {

/// A run of lines of a frame that is also a box: lines [begin, end).
struct frame_part {
  index_t begin = 0, end = 0;
  shape origin, extents;
};

/// The frame as one.
std::vector<frame_part> whole_frame(const array_info&);

/// A frame as boxes of whole lines in order, of about part_bytes each (source.hpp); cut between
/// `blocks` (extents of what is read at once) where that makes parts of no more than
/// largest_part_bytes. One for a small frame.
std::vector<frame_part> parts_of(const array_info&, const shape& block);

/// (end - begin, nx): what a part is in a frame.
shape part_shape(const array_info&, const frame_part&);

}  // namespace ir
