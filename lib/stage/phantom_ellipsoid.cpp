#include "stage/phantom_ellipsoid.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ir {
namespace {

struct point {
  double u, v;
};
double cross(point a, point b) { return a.u * b.v - a.v * b.u; }
double dot(point a, point b) { return a.u * b.u + a.v * b.v; }
point along(point a, point d, double t) { return {a.u + t * d.u, a.v + t * d.v}; }
double sector(point a, point b) { return 0.5 * std::atan2(cross(a, b), dot(a, b)); }

/// Signed area of the unit disc within the triangle (0, a, b): a sector where the edge runs outside
/// the disc, a triangle where it runs inside.
double disc_triangle(point a, point b) {
  const point d{b.u - a.u, b.v - a.v};
  const double dd = dot(d, d), ad = dot(a, d);
  const double discriminant = ad * ad - dd * (dot(a, a) - 1);
  if (discriminant <= 0) return sector(a, b);
  const double root = std::sqrt(discriminant);
  const double enter = (-ad - root) / dd, leave = (-ad + root) / dd;
  if (enter >= 1 || leave <= 0) return sector(a, b);
  const point in = enter > 0 ? along(a, d, enter) : a, out = leave < 1 ? along(a, d, leave) : b;
  double area = 0.5 * cross(in, out);
  if (enter > 0) area += sector(a, in);
  if (leave < 1) area += sector(out, b);
  return area;
}

/// Area of the disc of this radius within the parallelogram of half-edges s and t around c.
double disc_parallelogram(point c, point s, point t, double radius) {
  const double r = 1 / radius;
  const point corner[4] = {{(c.u - s.u - t.u) * r, (c.v - s.v - t.v) * r},
                           {(c.u + s.u - t.u) * r, (c.v + s.v - t.v) * r},
                           {(c.u + s.u + t.u) * r, (c.v + s.v + t.v) * r},
                           {(c.u - s.u + t.u) * r, (c.v - s.v + t.v) * r}};
  double area = 0;
  for (int i = 0; i < 4; ++i) area += disc_triangle(corner[i], corner[(i + 1) % 4]);
  return std::abs(area) * radius * radius;
}

/// All or nothing where only rounding stands between: what is inside cancels exactly.
double share(double s) { return s < 1e-12 ? 0 : s > 1 - 1e-12 ? 1 : s; }

// Abramowitz, Stegun, Handbook of Mathematical Functions (1964), table 25.4.
constexpr double gauss_node[4] = {0.183434642495650, 0.525532409916329, 0.796666477413627,
                                  0.960289856497536};
constexpr double gauss_weight[4] = {0.362683783378362, 0.313706645877887, 0.222381034453374,
                                    0.101228536290376};

struct span_of_line {
  double begin, end;  // empty where begin > end
};
/// Where a dx^2 + 2 b dx + c <= 0, for a > 0.
span_of_line below_zero(double a, double b, double c) {
  const double discriminant = b * b - a * c;
  if (discriminant < 0) return {1, 0};
  const double root = std::sqrt(discriminant);
  return {(-b - root) / a, (-b + root) / a};
}

}  // namespace

ellipsoid upright_ellipsoid(double z, double y, double x, double rz, double ry, double rx,
                            double value) {
  return {z, y, x, rz > 0 ? 1 / rz : 0, 0, 1 / rx, 1 / ry, 0, value};
}

double content(const ellipsoid& e) {
  const double area = std::numbers::pi / std::abs(e.ux * e.vy - e.uy * e.vx);
  return e.wz > 0 ? area * 4 / (3 * e.wz) : area;
}

double half_height(const ellipsoid& e) {
  return std::hypot(e.ux, e.vx) / std::abs(e.ux * e.vy - e.uy * e.vx);
}

double coverage(const ellipsoid& e, double z, double y, double x) {
  const double dy = y - e.y, dx = x - e.x;
  const point c{e.uy * dy + e.ux * dx, e.vy * dy + e.vx * dx};
  const point s{e.ux / 2, e.vx / 2}, t{e.uy / 2, e.vy / 2};
  const double pixel = std::abs(e.ux * e.vy - e.uy * e.vx);  // area of a pixel in the (u, v) plane
  if (e.wz == 0) return share(disc_parallelogram(c, s, t, 1) / pixel);

  const double low = std::max(-1.0, e.wz * (z - e.z - 0.5));
  const double high = std::min(1.0, e.wz * (z - e.z + 0.5));
  if (low >= high) return 0;
  double volume = 0;
  for (int i = 0; i < 8; ++i) {
    const double node = i < 4 ? gauss_node[i] : -gauss_node[i - 4];
    const double w = 0.5 * (low + high) + 0.5 * (high - low) * node;
    const double radius = std::sqrt((1 - w) * (1 + w));
    volume += gauss_weight[i % 4] * disc_parallelogram(c, s, t, radius);
  }
  return share(volume * 0.5 * (high - low) / (pixel * e.wz));
}

void add_line(const ellipsoid& e, double z, double y, index_t first,
              std::span<double> to) noexcept {
  // A pixel is outside where its centre's image is farther than 1 + reach from 0, inside where it
  // is nearer than 1 - reach.
  const double dy = y - e.y, w = e.wz * (z - e.z);
  const double corner =
      std::max(std::hypot(e.ux + e.uy, e.vx + e.vy), std::hypot(e.ux - e.uy, e.vx - e.vy));
  const double reach = 0.5 * std::hypot(corner, e.wz);
  const double a = e.ux * e.ux + e.vx * e.vx, b = (e.ux * e.uy + e.vx * e.vy) * dy;
  const double c = (e.uy * e.uy + e.vy * e.vy) * dy * dy + w * w;
  const span_of_line outer = below_zero(a, b, c - (1 + reach) * (1 + reach));
  span_of_line inner{1, 0};
  if (reach < 1) inner = below_zero(a, b, c - (1 - reach) * (1 - reach));

  // Clamped to the line before they become integers; the solid run gives way by a pixel to
  // rounding.
  const double line_end = static_cast<double>(first) + static_cast<double>(to.size());
  const auto index = [&](double at) {
    return static_cast<index_t>(std::clamp(at, static_cast<double>(first), line_end)) - first;
  };
  const index_t begin = index(std::floor(e.x + outer.begin));
  const index_t end = index(std::floor(e.x + outer.end) + 2);
  if (outer.begin > outer.end) return;
  index_t solid = index(std::ceil(e.x + inner.begin) + 1);
  index_t solid_end = index(std::floor(e.x + inner.end));
  if (inner.begin > inner.end || solid >= solid_end) solid = solid_end = end;
  const auto edge = [&](index_t from, index_t until) {
    for (index_t i = from; i < until; ++i)
      to[static_cast<std::size_t>(i)] +=
          e.value * coverage(e, z, y, static_cast<double>(first + i));
  };
  edge(begin, solid);
  for (index_t i = solid; i < solid_end; ++i) to[static_cast<std::size_t>(i)] += e.value;
  edge(solid_end, end);
}

}  // namespace ir
