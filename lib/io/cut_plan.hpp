#pragma once
#include <optional>
#include <vector>

#include "io/cut.hpp"

namespace ir {

/// One axis of a file as frames see it: samples range.begin + step * (bin * k + 0 ... bin - 1) are
/// averaged to sample k.
struct cut_axis {
  int file_axis = 0;
  index_t file_size = 0;
  index_range range{0, 0, 1};  // in the file's samples
  index_t bin = 1;
  axis out;  // name, unit, size, spacing and origin of the result

  /// First of the file's samples that make sample k.
  index_t first(index_t k) const { return range.begin + k * bin * range.step; }
};

/// How one array of a file becomes frames.
struct cut_array {
  std::optional<cut_axis> along;  // frames are cut along this axis; absent: one frame
  std::vector<cut_axis> axes;     // of a frame: `c` first
  array_info info;                // of a frame
  index_t frames() const { return along ? along->out.size : 1; }
  bool bins() const;
};

/// The data of a file: which axis is cut along, in which order a frame has the others, ranges,
/// bins, type. Pure. `file_along` is the file's own wish. usage_error: as in `cut`.
cut_array plan_data(const array_info& file, const std::string& file_along, const selection&);

/// Which axis the frames of another array are cut along.
enum class side_frames : std::uint8_t {
  none,        // there is none: the array is a frame
  surplus,     // the slowest that the data's frames lack (but of a coordinate or a PSF)
  named_frame  // the one that `keep` made, where there is one
};

/// Another array of that file: axes with the name and size of the data's are cut in the same way
/// (but a PSF's). Coordinates, masks, weights and rows (io/rows.hpp) follow the data's frames;
/// other arrays keep all of theirs. Where the data are cut along the rows of an image, flats and
/// darks have the same rows, in one frame.
cut_array plan_side(const array_info& file, const cut_array& data, side_frames, const selection&);

/// The frames of a stream (`frame` is its array; nothing is cut along).
cut_array plan_frame(const array_info& frame, const selection&);

}  // namespace ir
