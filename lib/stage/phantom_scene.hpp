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

/// The ellipses or ellipsoids of the head phantom, on this grid.
std::vector<ellipsoid> shepp_logan(const shape& size, phantom_options::contrast);

/// Ellipsoids, other ones in each frame, on a background.
using ellipsoids_of_frame = std::function<std::vector<ellipsoid>(index_t frame)>;
std::unique_ptr<phantom_scene> ellipsoid_scene(const shape& size, double background,
                                               ellipsoids_of_frame);

/// Pixel-integrated Gaussian with sum 1.
std::unique_ptr<phantom_scene> gaussian_scene(const shape& size, std::span<const double> sigma);

}  // namespace ir
