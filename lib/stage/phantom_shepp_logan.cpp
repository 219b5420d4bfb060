#include <cmath>
#include <numbers>

#include "stage/phantom_scene.hpp"

namespace ir {
namespace {

/// An ellipse of the phantom on [-1, 1]^d: semi-axes a, b, c, of which a lies at `angle` degrees
/// from x.
struct part {
  double original, modified;  // grey level in hundredths, in tenths: their sums are exact
  double a, b, c, x, y, z, angle;
};

// Shepp, Logan (1974), table of figure 1; modified: Toft (1996).
constexpr part head_2d[] = {
    {200, 10, 0.6900, 0.9200, 0, 0.00, 0.0000, 0, 0},
    {-98, -8, 0.6624, 0.8740, 0, 0.00, -0.0184, 0, 0},
    {-2, -2, 0.1100, 0.3100, 0, 0.22, 0.0000, 0, -18},
    {-2, -2, 0.1600, 0.4100, 0, -0.22, 0.0000, 0, 18},
    {1, 1, 0.2100, 0.2500, 0, 0.00, 0.3500, 0, 0},
    {1, 1, 0.0460, 0.0460, 0, 0.00, 0.1000, 0, 0},
    {1, 1, 0.0460, 0.0460, 0, 0.00, -0.1000, 0, 0},
    {1, 1, 0.0460, 0.0230, 0, -0.08, -0.6050, 0, 0},
    {1, 1, 0.0230, 0.0230, 0, 0.00, -0.6050, 0, 0},
    {1, 1, 0.0230, 0.0460, 0, 0.06, -0.6050, 0, 0},
};

// Kak, Slaney (1988), p. 102; modified: Yu, Ye, Wang (2004).
constexpr part head_3d[] = {
    {200, 10, 0.6900, 0.920, 0.900, 0.00, 0.000, 0.000, 0},
    {-98, -8, 0.6624, 0.874, 0.880, 0.00, 0.000, 0.000, 0},
    {-2, -2, 0.4100, 0.160, 0.210, -0.22, 0.000, -0.250, 108},
    {-2, -2, 0.3100, 0.110, 0.220, 0.22, 0.000, -0.250, 72},
    {2, 2, 0.2100, 0.250, 0.500, 0.00, 0.350, -0.250, 0},
    {2, 2, 0.0460, 0.046, 0.046, 0.00, 0.100, -0.250, 0},
    {1, 1, 0.0460, 0.023, 0.020, -0.08, -0.650, -0.250, 0},
    {1, 1, 0.0460, 0.023, 0.020, 0.06, -0.650, -0.250, 90},
    {2, 2, 0.0560, 0.040, 0.100, 0.06, -0.105, 0.625, 90},
    {-2, -2, 0.0560, 0.056, 0.100, 0.00, 0.100, 0.625, 0},
};

/// From [-1, 1]^d to pixels: the frame's edges are at -1 and 1, line 0 is at the top.
ellipsoid on_grid(const part& p, const shape& size, double value) {
  const int r = size.rank();
  const auto extent = [&](int axis) { return static_cast<double>(size[axis]); };
  const double nx = extent(r - 1), ny = extent(r - 2), nz = r == 3 ? extent(0) : 1;
  const double radians = p.angle * std::numbers::pi / 180;
  // Of a quarter turn the cosine is 0, not 6e-17: what is symmetric stays so.
  const double cosine = p.angle == 90 ? 0 : std::cos(radians), sine = std::sin(radians);
  ellipsoid e;
  e.x = (nx - 1) / 2 + p.x * nx / 2;
  e.y = (ny - 1) / 2 - p.y * ny / 2;
  e.z = (nz - 1) / 2 + p.z * nz / 2;
  e.ux = cosine * 2 / (nx * p.a);
  e.uy = -sine * 2 / (ny * p.a);
  e.vx = -sine * 2 / (nx * p.b);
  e.vy = -cosine * 2 / (ny * p.b);
  e.wz = r == 3 ? 2 / (nz * p.c) : 0;
  e.value = value;
  return e;
}

}  // namespace

head_phantom shepp_logan(const shape& size, phantom_options::contrast grey) {
  const bool original = grey == phantom_options::contrast::original;
  head_phantom head{{}, original ? 0.01 : 0.1};
  for (const part& p : size.rank() == 3 ? std::span<const part>(head_3d) : head_2d)
    head.parts.push_back(on_grid(p, size, original ? p.original : p.modified));
  return head;
}

}  // namespace ir
