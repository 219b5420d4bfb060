#pragma once
#include <memory>
#include <vector>

#include "stage/stage.hpp"

namespace ir {

struct phantom_options {
  enum class subject : std::uint8_t { shepp_logan, beads, gaussian, constant };
  enum class contrast : std::uint8_t { modified, original };
  subject what = subject::shepp_logan;
  /// Extents of a frame, slowest first, 1 to 3 (Shepp-Logan and beads: 2 or 3). Empty for a
  /// Gaussian: 2 ceil(4 sigma) + 1 along each axis.
  std::optional<shape> size;
  index_t frames = 1;
  contrast grey = contrast::modified;  // Shepp-Logan
  index_t count = 10;                  // beads
  std::vector<double> radius{2};       // beads: pixels, one or one for each axis
  std::vector<double> sigma;           // Gaussian: pixels, one or one for each axis; 0: a delta
  double value = 1;                    // of a bead; of every pixel of a constant
  double background = 0;               // of beads
};

/// Test objects, each pixel the mean over its area (or volume):
///
///   shepp_logan  the head phantom on [-1, 1]^d, which is the frame edge to edge: x to the right, y
///                up, z with the slices. 2-D: Shepp, Logan, IEEE Trans. Nucl. Sci. 21 (1974) 21-43;
///                modified: P. Toft, The Radon Transform (thesis, 1996). 3-D: Kak, Slaney,
///                Principles of Computerized Tomographic Imaging (1988) 102; modified: Yu, Ye,
///                Wang, Proc. SPIE 5535 (2004) 192-200
///   beads        background + value inside each of `count` ellipsoids with uniform sub-pixel
///                centres, wholly inside the frame; where they overlap they add. Other beads in
///                each frame: random numbers by (seed, frame, bead)
///   gaussian     a point spread function: exp(-r^2 / (2 sigma^2)) integrated over each pixel,
///   centre
///                at floor(n / 2), sum 1
///   constant     `value`
///
/// One array "data" in f32 (f64 in double precision), axes (z,) y, x; `along` is t where there are
/// several frames. Made on the CPU, in flat memory where parts are asked for; the same bits for any
/// number of threads and any parts. usage_error: an extent or a length that cannot be;
/// device_error: a GPU is asked for.
std::unique_ptr<stage> make_phantom(const phantom_options&);

}  // namespace ir
