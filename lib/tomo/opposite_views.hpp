#pragma once
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "core/queue.hpp"
#include "tomo/grouped_curve.hpp"

namespace ir {

/// A view and what was measured from the other side, half a turn later: view `other` with weight
/// 1 - share and view `next` with weight `share`.
struct opposite_views {
  index_t view, other, next;
  double share;
};

/// Each view of the first half turn with its opposite, found among the angles (radians) modulo a
/// full turn, whatever their order: a view, or between its neighbours linearly. Where the scan ends
/// less than one and a half steps before a full half turn, its last two views are continued
/// linearly (share outside [0, 1]). Empty: nothing was seen from both sides.
std::vector<opposite_views> opposite_views_of(const std::vector<double>& angles);

/// Where the rotation axis falls on the detector, zero-based pixel c, by registration of opposite
/// views, which mirror each other there:
///
///   p(angle + pi, u) = p(angle, 2 c - u)
///   D(m) = sum over pairs, rows and u of (a(u) - b(m - u))^2,  m = 2 c a whole number
///
/// over the pixels that both have, rows smoothed with (1 2 1)/4 twice. First D relative to the
/// variances there, with rows binned to 256 pixels or fewer, m anywhere in the range; then at full
/// resolution D / (pixels that both have) around it, the vertex of a parabola. Nothing is
/// interpolated along u, so noise has no preferred place. Each pair may have an offset. Objects may
/// reach beyond the detector.
///
/// sinograms: (row, view, u), f32, on the host, finite. range: pixels within which c is looked for.
/// Nothing: there is no minimum inside the range.
std::optional<curve_minimum> register_opposite_views(queue&, cref sinograms,
                                                     std::span<const opposite_views>,
                                                     std::array<double, 2> range);

}  // namespace ir
