#pragma once
#include <vector>

#include "core/shape.hpp"

namespace ir {

/// Parallel-beam scan of slices and the grid that they are reconstructed on.
///
///   s(view, y, x) = center + x cos(angle) + y sin(angle)        zero-based detector pixel
///
/// x grows with the columns of a slice, y with its rows (a picture shown with row 0 on top has +y
/// downward), both in detector pixels from the rotation axis. Pixel k is centred on k.
///
///   x(i) = x_first + i spacing,   y(j) = y_first + j spacing
struct parallel_geometry {
  std::vector<double> angles;       ///< of each view, radians; any order and spacing
  index_t detector = 0;             ///< pixels of a detector row (axis u)
  double center = 0;                ///< where the rotation axis falls on the detector
  double pixel_size = 1;            ///< of the detector; reconstructions are in 1 / its unit
  index_t ny = 0, nx = 0;           ///< of a slice
  double y_first = 0, x_first = 0;  ///< of pixel (0, 0), in detector pixels from the axis
  double spacing = 1;               ///< of the slice's pixels, in detector pixels

  index_t views() const { return static_cast<index_t>(angles.size()); }
  /// usage_error: no views, an angle that is no number, sizes below 1, a pixel size or spacing that
  /// is not positive, a centre off the detector.
  void check() const;
};

/// A square slice as wide as the detector, the axis in its middle.
parallel_geometry whole_slice(std::vector<double> angles, index_t detector, double center);

/// Rows [y, y + ny) and columns [x, x + nx) of `whole`; they may reach beyond it.
parallel_geometry region_of(const parallel_geometry& whole, index_t y, index_t x, index_t ny,
                            index_t nx);

/// `n` angles from `first` towards `last` (radians): first + k (last - first) / n.
std::vector<double> even_angles(index_t n, double first, double last);

/// The share of each view in an integral over the half turn, radians: half the gaps to both
/// neighbours among all ray directions modulo pi, whatever the order of the views. Views along the
/// same direction (0 and 180 degrees; the second half of a full turn) share one weight evenly. The
/// sum is pi; without the gaps of a missing wedge (more than pi/8 and four times the median), whose
/// border views count their other gap twice.
std::vector<double> view_weights(const std::vector<double>& angles);

}  // namespace ir
