#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/queue.hpp"
#include "tomo/grouped_curve.hpp"

namespace ir {

/// Total variation of slices as a function of the rotation centre c:
///
///   V(c) = sum over rows, half turns and pixels of |grad slice|
///
/// Slices are filtered backprojections (Hann window, cut-off 0.2 cycles per pixel) of each half
/// turn of the scan alone. The energy of such a slice does not depend on c; a wrong c spreads every
/// edge into a fork, and of all slices of one energy the true one has the fewest edges. Over a disc
/// around the axis, which follows the shift of the object that a change of c causes: in the mean
/// over the views, (dx, dy) with dx cos(angle) + dy sin(angle) = -dc by least squares. At most
/// 256^2 pixels of it.
///
/// Sources: A. Brunetti, F. De Carlo, Proc. SPIE 5535 (2004) 652-659, and T. Donath, F. Beckmann,
/// A. Schreyer, J. Opt. Soc. Am. A 23 (2006) 1048-1057, for the choice of c by a metric of slices.
class slice_variation {
 public:
  /// sinograms: (row, view, u), f32, on the host, finite, outlive this; angles in radians.
  slice_variation(cref sinograms, const std::vector<double>& angles);

  /// The least V within `reach` of `start`, in steps of one pixel, then of half a pixel; vertex of
  /// a parabola. Groups for the error: rows, half turns, quadrants of the disc. Nothing: no minimum
  /// inside, or no disc of 8 pixels radius that all views see.
  std::optional<curve_minimum> refine(queue&, double start, double reach) const;

  /// A start where nothing is known: the least V / sqrt(sum of |grad slice|^2) (slices that the
  /// range moves across the disc have other energies) among rows and views binned to 64 pixels or
  /// fewer, then in finer steps.
  double search(queue&, std::array<double, 2> range) const;

 private:
  struct part {  // a half turn
    std::vector<double> angles;
    std::vector<float> rows;  // (row, view, u)
    double shift_x, shift_y;  // of the object, for a change of c by 1
  };
  enum class metric : std::uint8_t { total, relative };  // V; V / sqrt(sum of |grad|^2)
  slice_variation(std::vector<part>, index_t rows, index_t n);
  slice_variation reduced(index_t by) const;
  grouped_curve curve(queue&, metric, double first, double step, index_t samples, double reference,
                      double radius) const;
  void add(queue&, metric, const part&, double c, double reference, double radius, double* to,
           index_t stride) const;

  std::vector<part> parts_;
  index_t rows_, n_;
};

}  // namespace ir
