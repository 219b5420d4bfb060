#pragma once
#include <optional>

#include "io/frame.hpp"

namespace ir {

/// Where a stream has the parts of a tomographic scan; axes are found by name.
struct scan_layout {
  static constexpr int along = -1;   // frames are cut along the axis
  static constexpr int absent = -2;  // of v: the scan has one row

  int data = 0, angles = 0;                       // arrays
  std::optional<int> flat, dark;                  // arrays
  int angle_at = along, v_at = absent, u_at = 0;  // axes of a frame of data
  axis angle, v, u;                               // v has one sample where it is absent

  index_t views() const { return angle.size; }
  bool raw() const { return flat || dark; }
};

/// data_error: no angles, or not one for each view; axes that are none of angle, v and u; complex
/// values; counts (integers) without flats.
scan_layout scan_of(const stream_header&);

}  // namespace ir
