#pragma once
#include <optional>
#include <vector>

#include "core/array.hpp"
#include "core/queue.hpp"

namespace ir {

/// How the views of a full turn complete each other where the rotation axis is off the detector's
/// middle: what lies farther from the axis than the near end of a row is seen by one of two
/// opposite views only, and counts twice there. With s = u - center, d the distance of the near end
/// and s > 0 on the far side:
///
///   weight(s) + weight(-s) = 2,   weight(s) = 1 for |s| < d/2, rises smoothly to 2 at s = d
///
/// The weighted rows, continued with zeros at the near end until the axis is in their middle, are
/// filtered and summed as they are: the sum of a linear operator over both views is that of the
/// row which they make together, twice as wide as half the detector.
struct half_acquisition {
  index_t before = 0, after = 0;  ///< zeros at the ends of a row; one of them is 0
  std::vector<double> weights;    ///< of its pixels

  /// Nothing where rows need no completion: the views are no full turn, or the axis is within half
  /// a pixel of the middle. angles: radians.
  static std::optional<half_acquisition> of(const std::vector<double>& angles, index_t detector,
                                            double center);
  index_t width() const { return before + std::ssize(weights) + after; }

  /// rows (..., u) become `wide` (..., before + u + after), of the same type f32 or f64, both on
  /// the queue's device. shape_error: other extents.
  void complete(queue&, cref rows, ref wide) const;
};

/// Whether views cover all directions of a full turn: no gap of pi/8 or more that is four times
/// the median gap, none of pi/2. radians, any order.
bool is_full_turn(const std::vector<double>& angles);

}  // namespace ir
