#include "tomo/slice_variation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/parallel.hpp"
#include "tomo/fbp.hpp"

namespace ir {
namespace {

constexpr double turn = 2 * std::numbers::pi;
constexpr index_t quadrants = 4;
constexpr double least_radius = 8;

// (x, y) with x cos(angle) + y sin(angle) = -1, weighted least squares.
std::array<double, 2> shift_of(const std::vector<double>& angles) {
  const std::vector<double> weights = view_weights(angles);
  double cc = 0, ss = 0, cs = 0, c = 0, s = 0;
  for (std::size_t i = 0; i < angles.size(); ++i) {
    const double x = std::cos(angles[i]), y = std::sin(angles[i]), w = weights[i];
    cc += w * x * x;
    ss += w * y * y;
    cs += w * x * y;
    c += w * x;
    s += w * y;
  }
  const double det = cc * ss - cs * cs;
  if (!(det > 1e-6 * (cc + ss) * (cc + ss))) return {0, 0};  // one direction only
  return {-(c * ss - s * cs) / det, -(s * cc - c * cs) / det};
}

// |grad| and its square summed over the disc inscribed in an image of n^2 values, by quadrants.
struct gradient_sums {
  std::array<double, quadrants> norm{}, square{};
};
gradient_sums variation(const float* image, index_t n) {
  gradient_sums sum;
  const double middle = 0.5 * static_cast<double>(n - 1);
  for (index_t j = 0; j + 1 < n; ++j) {
    const double y = static_cast<double>(j) + 0.5 - middle;
    const double half = std::sqrt(std::max(0.0, middle * middle - y * y));
    const auto first = static_cast<index_t>(std::ceil(middle - half));
    const auto last = std::min(static_cast<index_t>(middle + half), n - 1);
    const float* row = image + j * n;
    for (index_t i = first; i < last; ++i) {
      const double dx = double{row[i + 1]} - row[i], dy = double{row[i + n]} - row[i];
      const auto k = static_cast<std::size_t>(2 * (2 * j >= n) + (2 * i >= n));
      sum.norm[k] += std::sqrt(dx * dx + dy * dy);
      sum.square[k] += dx * dx + dy * dy;
    }
  }
  return sum;
}

}  // namespace

slice_variation::slice_variation(cref sinograms, const std::vector<double>& angles)
    : rows_(sinograms.extents[0]), n_(sinograms.extents[2]) {
  std::vector<std::size_t> views[2];
  for (std::size_t i = 0; i < angles.size(); ++i) {
    const double a = std::fmod(angles[i] - angles[0], turn);
    views[(a < 0 ? a + turn : a) >= turn / 2 + 1e-6].push_back(i);
  }
  const bool full_turn = 2 * views[1].size() > views[0].size();
  const auto* from = static_cast<const float*>(sinograms.data);
  for (int half = 0; half < (full_turn ? 2 : 1); ++half) {
    part p;
    for (index_t row = 0; row < rows_; ++row)
      for (const std::size_t view : views[half]) {
        const auto* line = from + (row * std::ssize(angles) + static_cast<index_t>(view)) * n_;
        p.rows.insert(p.rows.end(), line, line + n_);
      }
    for (const std::size_t view : views[half]) p.angles.push_back(angles[view]);
    const auto [x, y] = shift_of(p.angles);
    p.shift_x = x;
    p.shift_y = y;
    parts_.push_back(std::move(p));
  }
}

slice_variation::slice_variation(std::vector<part> parts, index_t rows, index_t n)
    : parts_(std::move(parts)), rows_(rows), n_(n) {}

slice_variation slice_variation::reduced(index_t by) const {
  std::vector<part> parts;
  const index_t n = n_ / by;
  for (const part& p : parts_) {
    const index_t views = std::ssize(p.angles), every = std::min(by, (views + 127) / 128);
    part q{{}, {}, p.shift_x, p.shift_y};
    for (index_t v = 0; v < views; v += every)
      q.angles.push_back(p.angles[static_cast<std::size_t>(v)]);
    for (index_t row = 0; row < rows_; ++row)
      for (index_t v = 0; v < views; v += every)
        for (index_t u = 0; u < n; ++u) {
          const float* from = p.rows.data() + (row * views + v) * n_ + u * by;
          double sum = 0;
          for (index_t k = 0; k < by; ++k) sum += from[k];
          q.rows.push_back(static_cast<float>(sum / static_cast<double>(by)));
        }
    parts.push_back(std::move(q));
  }
  return {std::move(parts), rows_, n};
}

void slice_variation::add(queue& q, metric m, const part& p, double c, double reference,
                          double radius, double* to, index_t stride) const {
  const index_t size = std::min<index_t>(256, static_cast<index_t>(2 * radius) + 1);
  parallel_geometry g;
  g.angles = p.angles;
  g.detector = n_;
  g.center = c;
  g.ny = g.nx = size;
  g.spacing = 2 * radius / static_cast<double>(size - 1);
  g.y_first = -radius + (c - reference) * p.shift_y;
  g.x_first = -radius + (c - reference) * p.shift_x;
  const fbp method(q, g, {.window = ramp_window::hann, .cutoff = 0.2}, precision::f32);
  array slices(q, dtype::f32, shape{rows_, size, size});
  method.apply(q, cref(p.rows.data(), dtype::f32, shape{rows_, g.views(), n_}), slices.get());
  const auto* images = static_cast<const float*>(slices.get().data);
  run_blocks(rows_, 1, [&](index_t row, index_t) noexcept {
    const gradient_sums sums = variation(images + row * size * size, size);
    for (index_t k = 0; k < quadrants; ++k) {
      const auto i = static_cast<std::size_t>(k);
      double& cost = to[(row * quadrants + k) * stride];
      cost = sums.norm[i];
      if (m == metric::relative && sums.square[i] > 0) cost /= std::sqrt(sums.square[i]);
    }
  });
}

grouped_curve slice_variation::curve(queue& q, metric m, double first, double step, index_t samples,
                                     double reference, double radius) const {
  const index_t a_part = rows_ * quadrants;
  grouped_curve c{
      first, step, samples,
      std::vector<double>(static_cast<std::size_t>(std::ssize(parts_) * a_part * samples))};
  for (index_t i = 0; i < samples; ++i)
    for (index_t k = 0; k < std::ssize(parts_); ++k)
      add(q, m, parts_[static_cast<std::size_t>(k)], first + static_cast<double>(i) * step,
          reference, radius, c.cost.data() + k * a_part * samples + i, samples);
  return c;
}

std::optional<curve_minimum> slice_variation::refine(queue& q, double start, double reach) const {
  const auto steps = static_cast<index_t>(std::ceil(reach));
  const double edge = std::min(start, static_cast<double>(n_ - 1) - start);
  const double radius = edge - static_cast<double>(steps) - 1;
  if (radius < least_radius) return {};
  const double first = start - static_cast<double>(steps);
  const index_t k = curve(q, metric::total, first, 1, 2 * steps + 1, start, radius).least();
  if (k == 0 || k == 2 * steps) return {};
  return curve(q, metric::total, first + static_cast<double>(k) - 1.5, 0.5, 7, start, radius)
      .minimum();
}

double slice_variation::search(queue& q, std::array<double, 2> range) const {
  index_t by = 1;
  while (n_ / by > 128) by *= 2;
  double low = range[0], high = range[1], best = 0.5 * (low + high);
  for (; by >= 1; by /= 2) {
    const slice_variation small = reduced(by);
    const double scale = static_cast<double>(by), offset = 0.5 * (scale - 1);
    const double most = static_cast<double>(small.n_ - 1);
    const double a = std::clamp((low - offset) / scale, 0.0, most);
    const double b = std::clamp((high - offset) / scale, a, most);
    const double radius = 0.35 * most;
    const auto samples = static_cast<index_t>(b - a) + 1;
    const auto c = small.curve(q, metric::relative, a, 1, samples, 0.5 * (a + b), radius);
    best = (a + static_cast<double>(c.least())) * scale + offset;
    low = best - 2 * scale;
    high = best + 2 * scale;
    if (by <= 4) break;  // `refine` goes on
  }
  return best;
}

}  // namespace ir
