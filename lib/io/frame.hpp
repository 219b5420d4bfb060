#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "core/shape.hpp"

namespace ir {

class metadata;  // io/metadata.hpp; it is JSON, hidden

/// What an array is to a stage. A stage works on `data`, uses the roles it claims and forwards the
/// others.
enum class role : std::uint8_t { data, flat, dark, mask, weight, psf, coordinate, other };
std::string_view name_of(role);
std::optional<role> role_named(std::string_view);

/// One axis of an array. Sample k lies at origin + k * spacing, in `unit` (empty: pixels).
struct axis {
  std::string name;  // t c z y x angle v u, or any other
  std::string unit;
  index_t size = 0;
  double spacing = 1, origin = 0;
  friend bool operator==(const axis&, const axis&) = default;
};

/// One named array of a stream: its frames all have these axes (slowest first, `c` before all
/// others) and dtype.
struct array_info {
  std::string name;
  role what = role::data;
  dtype type = dtype::f32;
  std::vector<axis> axes;
  /// The value range that a reader of integers found in the file; kept by stages that keep the
  /// values' meaning.
  struct nominal_range {
    dtype type;
    std::array<double, 2> range;
    friend bool operator==(const nominal_range&, const nominal_range&) = default;
  };
  std::optional<nominal_range> nominal;
  std::optional<index_t> frames;  // absent: not known yet
  friend bool operator==(const array_info&, const array_info&) = default;
};
shape extents_of(const array_info&);  // of a frame
index_t frame_bytes(const array_info&);
index_t line_count(const array_info&);  // lines of the fastest axis in a frame; 1 for rank 0
/// Trailing axes that are space: all but `c` and the batch axes before the last `rank`.
int spatial_rank(const array_info&, int rank);

/// What travels first: every array, the axis that frames of `data` are cut along, everything else
/// as JSON.
struct stream_header {
  std::vector<array_info> arrays;
  axis along;  // name empty: a single frame; size 0: not known yet
  std::shared_ptr<const metadata> meta;
};
/// Position of the (only) array with role data. data_error if there is none.
int data_index(const stream_header&);
const array_info& data_of(const stream_header&);
array_info& data_of(stream_header&);
std::optional<int> index_of(const stream_header&, role);  // the first array with that role

/// Lines [begin, end) of one frame of one array: all of them, unless the stage asked for parts.
struct frame {
  int array_no = 0;
  index_t number = 0, begin = 0, end = 0;
  array data;  // whole: the extents of the array; a part: (end - begin, nx)
  std::shared_ptr<const metadata> meta;  // of this frame (time, angle, exposure), often null
};

/// A box of one frame, or the same box of several that follow each other: `origin` and `extents` in
/// the frame's axes.
struct region {
  int array_no = 0;
  index_t number = 0;
  shape origin, extents;
  index_t frames = 1;
};

}  // namespace ir
