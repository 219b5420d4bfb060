#pragma once
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "stage/phantom.hpp"
#include "stage/phantom_ellipsoid.hpp"

namespace ir {

/// What a phantom shows, line by line.
struct phantom_scene {
  virtual ~phantom_scene() = default;
  /// Before `fill` of lines [begin, end) of this frame.
  virtual void prepare(index_t frame, index_t begin, index_t end) = 0;
  /// Pixels first, first + 1, ... of a line. Any thread.
  virtual void fill(index_t line, index_t first, std::span<double> to) const noexcept = 0;
};

/// The ellipses or ellipsoids of the head phantom, on this grid. Their values are integers of
/// `unit`: where they cancel, as in the ventricles, there is 0 and nothing below.
struct head_phantom {
  std::vector<ellipsoid> parts;
  double unit;
};
head_phantom shepp_logan(const shape& size, phantom_options::contrast);

/// background + unit * (sum of ellipsoids), other ones in each frame.
struct grey_scale {
  double background = 0, unit = 1;
};
using ellipsoids_of_frame = std::function<std::vector<ellipsoid>(index_t frame)>;
std::unique_ptr<phantom_scene> ellipsoid_scene(const shape& size, grey_scale, ellipsoids_of_frame);

/// Pixel-integrated Gaussian with sum 1.
std::unique_ptr<phantom_scene> gaussian_scene(const shape& size, std::span<const double> sigma);

}  // namespace ir
