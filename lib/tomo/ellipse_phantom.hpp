#pragma once
#include <span>
#include <vector>

#include "tomo/parallel_geometry.hpp"

namespace ir {

/// An ellipse of constant `value` (1/length): semi-axes a along `angle` (radians, from +x to +y), b
/// across; centre (x, y) from the rotation axis; lengths in detector pixels.
struct ellipse {
  double value, a, b, x, y, angle;
};

/// The modified Shepp-Logan phantom, whose square [-1, 1]^2 is 2 half_width detector pixels wide.
///
/// Source: P. A. Toft, The Radon Transform, PhD thesis, DTU (1996), p. 201.
std::vector<ellipse> modified_shepp_logan(double half_width);

/// Line integrals of the sum of the ellipses, exact means over each detector pixel, times
/// pixel_size: (angle, u) of the geometry, as many as `sinogram` has.
void project(std::span<const ellipse>, const parallel_geometry&, std::span<double> sinogram);

/// The sum of the ellipses on the geometry's grid, each pixel the mean of `samples`^2 points:
/// (y, x), as many as `slice` has.
void draw(std::span<const ellipse>, const parallel_geometry&, int samples, std::span<double> slice);

}  // namespace ir
