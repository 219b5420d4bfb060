#pragma once
#include <span>

#include "core/shape.hpp"

namespace ir {

/// A filled ellipse, or an ellipsoid of which one semi-axis lies along z, on a grid of pixels: the
/// affine map from pixel coordinates to the unit disc or ball,
///
///   (u, v, w) = (uy dy + ux dx, vy dy + vx dx, wz dz),   (dz, dy, dx) = position - centre
///
/// It adds `value` inside u^2 + v^2 + w^2 <= 1. Lengths are in pixels; u, v, w have no unit.
struct ellipsoid {
  double z = 0, y = 0, x = 0;  // centre; pixel k has its centre at k
  double wz = 0;               // 1 / semi-axis along z; 0 in a picture
  double uy = 0, ux = 0, vy = 0, vx = 0;
  double value = 1;
};

/// Semi-axes along z (0: a picture), y and x.
ellipsoid upright_ellipsoid(double z, double y, double x, double rz, double ry, double rx,
                            double value);

/// Its area, or volume where it has a semi-axis along z, in pixels.
double content(const ellipsoid&);

/// Half of its extent along y.
double half_height(const ellipsoid&);

/// Share of the pixel (or voxel) around (z, y, x) that lies inside, in [0, 1].
///
/// A picture: exact to 1e-12, as the area of a unit disc and a parallelogram. A volume: that area,
/// integrated over z by 8-point Gauss-Legendre quadrature inside the voxel. Its error is below 3e-3
/// of a voxel, 5e-5 on average over the voxels that the surface cuts; the sum over all voxels is
/// exact, since the quadrature is for the slices' areas.
double coverage(const ellipsoid&, double z, double y, double x);

/// to[i] += value * coverage at (z, y, first + i): solid where the line runs inside, exact in the
/// pixels that the surface may cut.
void add_line(const ellipsoid&, double z, double y, index_t first, std::span<double> to) noexcept;

}  // namespace ir
