#include "tomo/ellipse_phantom.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/error.hpp"
#include "core/parallel.hpp"

namespace ir {
namespace {

// The integral from -infinity to q of the projection 2 value a b sqrt(r^2 - q^2) / r^2.
double cumulated(const ellipse& e, double r, double q) {
  const double t = std::clamp(q / r, -1.0, 1.0);
  return e.value * e.a * e.b * (t * std::sqrt(1 - t * t) + std::asin(t));
}

double value_at(std::span<const ellipse> all, double y, double x) {
  double sum = 0;
  for (const ellipse& e : all) {
    const double c = std::cos(e.angle), s = std::sin(e.angle), dx = x - e.x, dy = y - e.y;
    const double along = (c * dx + s * dy) / e.a, across = (c * dy - s * dx) / e.b;
    if (along * along + across * across <= 1) sum += e.value;
  }
  return sum;
}

void require_size(std::size_t has, index_t needs) {
  if (std::cmp_not_equal(has, needs)) throw shape_error("a phantom's place has another size");
}

}  // namespace

std::vector<ellipse> modified_shepp_logan(double half_width) {
  std::vector<ellipse> all{{1, .69, .92, 0, 0, 0},        {-.8, .6624, .874, 0, -.0184, 0},
                           {-.2, .11, .31, .22, 0, -18},  {-.2, .16, .41, -.22, 0, 18},
                           {.1, .21, .25, 0, .35, 0},     {.1, .046, .046, 0, .1, 0},
                           {.1, .046, .046, 0, -.1, 0},   {.1, .046, .023, -.08, -.605, 0},
                           {.1, .023, .023, 0, -.606, 0}, {.1, .023, .046, .06, -.605, 0}};
  for (ellipse& e : all) {
    for (double* length : {&e.a, &e.b, &e.x, &e.y}) *length *= half_width;
    e.angle *= std::numbers::pi / 180;
  }
  return all;
}

void project(std::span<const ellipse> all, const parallel_geometry& g, std::span<double> sinogram) {
  require_size(sinogram.size(), g.views() * g.detector);
  run_blocks(g.views(), 8, [&](index_t view, index_t end) noexcept {
    for (; view < end; ++view) {
      const double angle = g.angles[static_cast<std::size_t>(view)];
      double* const row = sinogram.data() + view * g.detector;
      std::fill_n(row, g.detector, 0.0);
      for (const ellipse& e : all) {
        const double r =
            std::hypot(e.a * std::cos(angle - e.angle), e.b * std::sin(angle - e.angle));
        const double middle = g.center + e.x * std::cos(angle) + e.y * std::sin(angle);
        double before = cumulated(e, r, -0.5 - middle);
        for (index_t u = 0; u < g.detector; ++u) {
          const double behind = cumulated(e, r, static_cast<double>(u) + 0.5 - middle);
          row[u] += (behind - before) * g.pixel_size;
          before = behind;
        }
      }
    }
  });
}

void draw(std::span<const ellipse> all, const parallel_geometry& g, int samples,
          std::span<double> slice) {
  require_size(slice.size(), g.ny * g.nx);
  const auto place = [&](double first, index_t i, int sample) {
    return first + g.spacing * (static_cast<double>(i) + (sample + 0.5) / samples - 0.5);
  };
  run_blocks(g.ny, 4, [&](index_t j, index_t end) noexcept {
    for (; j < end; ++j)
      for (index_t i = 0; i < g.nx; ++i) {
        double sum = 0;
        for (int b = 0; b < samples; ++b)
          for (int a = 0; a < samples; ++a)
            sum += value_at(all, place(g.y_first, j, b), place(g.x_first, i, a));
        slice[static_cast<std::size_t>(j * g.nx + i)] = sum / (samples * samples);
      }
  });
}

}  // namespace ir
