#include "tomo/parallel_geometry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/error.hpp"

namespace ir {
namespace {

constexpr double pi = std::numbers::pi;

// Views along one direction.
struct direction {
  double angle;                 // in [0, pi)
  std::vector<std::size_t> of;  // views
};

double half_turn(double angle) {
  const double a = std::fmod(angle, pi);
  const double b = a < 0 ? a + pi : a;
  return b >= pi ? 0 : b;
}

std::vector<direction> directions_of(const std::vector<double>& angles) {
  std::vector<std::size_t> order(angles.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return half_turn(angles[a]) < half_turn(angles[b]);
  });
  const double same = 1e-3 * pi / static_cast<double>(angles.size());
  std::vector<direction> all;
  for (const std::size_t view : order) {
    const double a = half_turn(angles[view]);
    if (all.empty() || a - all.back().angle > same) all.push_back({a, {}});
    all.back().of.push_back(view);
  }
  if (all.size() > 1 && all.front().angle + pi - all.back().angle <= same) {
    all.front().of.insert(all.front().of.end(), all.back().of.begin(), all.back().of.end());
    all.pop_back();
  }
  return all;
}

void require(bool good, const std::string& otherwise) {
  if (!good) throw usage_error(otherwise);
}

}  // namespace

void parallel_geometry::check() const {
  require(!angles.empty(), "a scan without views: at least one angle is needed");
  for (std::size_t i = 0; i < angles.size(); ++i)
    require(std::isfinite(angles[i]), fmt::format("the angle of view {} is {}", i, angles[i]));
  require(detector > 0 && ny > 0 && nx > 0,
          fmt::format("a detector of {} pixels and slices of {}x{}: each at least 1", detector, ny,
                      nx));
  require(std::isfinite(pixel_size) && pixel_size > 0,
          fmt::format("a pixel size of {}: it is above 0", pixel_size));
  require(std::isfinite(spacing) && spacing > 0 && std::isfinite(y_first) && std::isfinite(x_first),
          fmt::format("slice pixels {} detector pixels apart from ({}, {}): the spacing is above 0",
                      spacing, y_first, x_first));
  require(center >= -0.5 && center <= static_cast<double>(detector) - 0.5,
          fmt::format("a rotation centre at pixel {}: the detector has pixels 0 to {}", center,
                      detector - 1));
}

parallel_geometry whole_slice(std::vector<double> angles, index_t detector, double center) {
  parallel_geometry g;
  g.angles = std::move(angles);
  g.detector = g.ny = g.nx = detector;
  g.center = center;
  g.y_first = g.x_first = -0.5 * static_cast<double>(detector - 1);
  return g;
}

parallel_geometry region_of(const parallel_geometry& whole, index_t y, index_t x, index_t ny,
                            index_t nx) {
  parallel_geometry g = whole;
  g.y_first += static_cast<double>(y) * whole.spacing;
  g.x_first += static_cast<double>(x) * whole.spacing;
  g.ny = ny;
  g.nx = nx;
  return g;
}

std::vector<double> even_angles(index_t n, double first, double last) {
  std::vector<double> angles;
  for (index_t k = 0; k < n; ++k)
    angles.push_back(first + (last - first) * static_cast<double>(k) / static_cast<double>(n));
  return angles;
}

std::vector<double> view_weights(const std::vector<double>& angles) {
  const std::vector<direction> all = directions_of(angles);
  const std::size_t n = all.size();
  std::vector<double> gap(n);  // behind each direction
  for (std::size_t i = 0; i < n; ++i)
    gap[i] = i + 1 < n ? all[i + 1].angle - all[i].angle : all[0].angle + pi - all[i].angle;
  std::vector<double> ordered = gap;
  std::nth_element(ordered.begin(), ordered.begin() + static_cast<std::ptrdiff_t>(n / 2),
                   ordered.end());
  const double wedge = n < 3 ? 2 * pi : std::max(pi / 8, 4 * ordered[n / 2]);
  std::vector<double> weights(angles.size());
  for (std::size_t i = 0; i < n; ++i) {
    double before = gap[(i + n - 1) % n], behind = gap[i];
    if (before > wedge) before = behind <= wedge ? behind : 0;
    if (behind > wedge) behind = before;
    for (const std::size_t view : all[i].of)
      weights[view] = 0.5 * (before + behind) / static_cast<double>(all[i].of.size());
  }
  return weights;
}

}  // namespace ir
