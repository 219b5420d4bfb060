#pragma once
#include <array>
#include <optional>
#include <vector>

#include "core/queue.hpp"
#include "tomo/grouped_curve.hpp"

namespace ir {

/// The rotation centre c from the total variation of slices:
///
///   V(c) = sum over rows, half turns and pixels of |grad slice|
///
/// Slices are filtered backprojections (Hann window, cut-off 0.2 cycles per pixel) of each half
/// turn of the scan alone. The energy of such a slice does not depend on c; a wrong c spreads every
/// edge into a fork, and of all slices of one energy the true one has the fewest edges. Over a disc
/// around the axis, which follows the shift of the object that a change of c causes: in the mean
/// over the views, (dx, dy) with dx cos(angle) + dy sin(angle) = -dc by least squares. At most
/// 256^2 pixels of it. Rows are filtered once for all c.
///
/// Sources: A. Brunetti, F. De Carlo, Proc. SPIE 5535 (2004) 652-659, and T. Donath, F. Beckmann,
/// A. Schreyer, J. Opt. Soc. Am. A 23 (2006) 1048-1057, for the choice of c by a metric of slices.
///
/// sinograms: (row, view, u), f32, on the host, finite; angles in radians; the queue's device is
/// the host.

/// The least V within `reach` of `start` (pixels), in steps of one pixel, then of half a pixel;
/// vertex of a parabola. Groups for the error: rows, half turns, quadrants of the disc. Nothing: no
/// minimum inside, or no disc of 8 pixels radius that all views see.
std::optional<curve_minimum> refine_by_variation(queue&, cref sinograms,
                                                 const std::vector<double>& angles, double start,
                                                 double reach);

/// A start where nothing is known: the least V / sqrt(sum of |grad slice|^2) (slices that the range
/// moves across the disc have other energies) among rows and views binned to 128 pixels or fewer:
/// the deepest dip, below the values three samples to both sides; then in finer steps.
double search_by_variation(queue&, cref sinograms, const std::vector<double>& angles,
                           std::array<double, 2> range);

}  // namespace ir
