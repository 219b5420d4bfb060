#include "stage/phantom_projection.hpp"

#include <cmath>
#include <vector>

#include "stage/phantom_scene.hpp"
#include "tomo/ellipse_phantom.hpp"

namespace ir {
namespace {

/// The semi-axes of |M (dy, dx)| <= 1, in pixels: those of the matrix (M' M)^-1, whose square
/// roots of eigenvalues they are.
ellipse ellipse_of(const ellipsoid& e, const parallel_geometry& g, double value) {
  const double det = e.ux * e.vy - e.uy * e.vx;
  // The inverse of M as (x, y) of the images of (1, 0) and (0, 1).
  const double px = e.vy / det, py = -e.vx / det, qx = -e.uy / det, qy = e.ux / det;
  const double xx = px * px + qx * qx, yy = py * py + qy * qy, xy = px * py + qx * qy;
  const double middle = 0.5 * (xx + yy), apart = std::hypot(0.5 * (xx - yy), xy);
  ellipse out{};
  out.value = value;
  out.a = std::sqrt(middle + apart) * g.spacing;
  out.b = std::abs(1 / det) / std::sqrt(middle + apart) * g.spacing;
  out.angle = 0.5 * std::atan2(2 * xy, xx - yy);
  out.x = g.x_first + e.x * g.spacing;
  out.y = g.y_first + e.y * g.spacing;
  return out;
}

}  // namespace

void project_phantom(const phantom_options& o, const parallel_geometry& g, ref sinogram) {
  const head_phantom head = shepp_logan(shape{g.ny, g.nx}, o.grey);
  std::vector<ellipse> all;
  for (const ellipsoid& e : head.parts) all.push_back(ellipse_of(e, g, e.value * head.unit));
  project(
      all, g,
      {static_cast<double*>(sinogram.data), static_cast<std::size_t>(sinogram.extents.count())});
}

}  // namespace ir
