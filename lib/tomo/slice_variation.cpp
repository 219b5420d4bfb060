#include "tomo/slice_variation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/parallel.hpp"
#include "tomo/fbp.hpp"
#include "tomo/filter_rows.hpp"

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

struct half_turn {
  std::vector<double> angles;
  std::vector<float> rows;          // (row, view, u), filtered
  double shift_x = 0, shift_y = 0;  // of the object, for a change of c by 1
};

enum class metric : std::uint8_t { total, relative };  // V; V / sqrt(sum of |grad|^2)

/// Sinograms, filtered, of each half turn; mean of `by` pixels, and of the views some.
class filtered_scan {
 public:
  filtered_scan(queue&, cref sinograms, const std::vector<double>& angles, index_t by);

  index_t pixels() const { return n_; }
  grouped_curve curve(queue&, metric, double first, double step, index_t samples, double reference,
                      double radius) const;

 private:
  void filter(queue&, half_turn&) const;
  void add(queue&, metric, const half_turn&, double c, double reference, double radius, double* to,
           index_t stride) const;

  index_t rows_, n_;
  std::vector<half_turn> parts_;
};

// Views of the first half turn, and of the second where it is one.
std::vector<std::vector<index_t>> half_turns(const std::vector<double>& angles, index_t by) {
  std::vector<std::vector<index_t>> views(2);
  for (std::size_t i = 0; i < angles.size(); ++i) {
    const double a = std::fmod(angles[i] - angles[0], turn);
    views[(a < 0 ? a + turn : a) >= turn / 2 + 1e-6].push_back(static_cast<index_t>(i));
  }
  if (2 * views[1].size() <= views[0].size()) views.pop_back();
  for (auto& half : views) {
    const auto every = static_cast<std::size_t>(std::min(by, (std::ssize(half) + 127) / 128));
    std::vector<index_t> some;
    for (std::size_t i = 0; i < half.size(); i += every) some.push_back(half[i]);
    half = std::move(some);
  }
  return views;
}

filtered_scan::filtered_scan(queue& q, cref sinograms, const std::vector<double>& angles,
                             index_t by)
    : rows_(sinograms.extents[0]), n_(sinograms.extents[2] / by) {
  const auto* from = static_cast<const float*>(sinograms.data);
  const index_t views = std::ssize(angles), pixels = sinograms.extents[2];
  for (const std::vector<index_t>& half : half_turns(angles, by)) {
    half_turn part;
    for (const index_t view : half) part.angles.push_back(angles[static_cast<std::size_t>(view)]);
    part.rows.reserve(static_cast<std::size_t>(rows_ * std::ssize(half) * n_));
    for (index_t row = 0; row < rows_; ++row)
      for (const index_t view : half)
        for (index_t u = 0; u < n_; ++u) {
          const float* p = from + (row * views + view) * pixels + u * by;
          double sum = 0;
          for (index_t k = 0; k < by; ++k) sum += p[k];
          part.rows.push_back(static_cast<float>(sum / static_cast<double>(by)));
        }
    const auto [x, y] = shift_of(part.angles);
    part.shift_x = x;
    part.shift_y = y;
    filter(q, part);
    parts_.push_back(std::move(part));
  }
}

void filtered_scan::filter(queue& q, half_turn& part) const {
  using rows_filter = detail::row_filter<float>;
  const rows_filter filter(n_, {.window = ramp_window::hann, .cutoff = 0.2});
  constexpr index_t at_once = rows_filter::rows_at_once, blocks = 16;
  const index_t all = std::ssize(part.rows) / n_, turns = (all + at_once - 1) / at_once;
  const index_t each = (turns + blocks - 1) / blocks;
  const scratch memory(q, blocks * filter.block_bytes());
  q.poll();
  run_blocks(turns, each, [&](index_t k, index_t last) noexcept {
    float* const block = static_cast<float*>(memory.data()) +
                         k / each * filter.block_bytes() / static_cast<index_t>(sizeof(float));
    for (; k < last; ++k) {
      const index_t n = std::min(at_once, all - k * at_once);
      float* const first = part.rows.data() + k * at_once * n_;
      const float* rows[at_once] = {};
      for (index_t i = 0; i < n; ++i) rows[i] = first + i * n_;
      filter.run(rows, block);
      for (index_t i = 0; i < n; ++i)
        for (index_t u = 0; u < n_; ++u) first[i * n_ + u] = block[u * at_once + i];
    }
  });
}

void filtered_scan::add(queue& q, metric m, const half_turn& p, double c, double reference,
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
  const fbp method(q, g, {.window = ramp_window::none}, precision::f32);
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

grouped_curve filtered_scan::curve(queue& q, metric m, double first, double step, index_t samples,
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

// The sample that lies deepest below those `reach` samples to both sides: a dip, not an end of the
// range where the disc leaves the object.
index_t deepest(const grouped_curve& c) {
  constexpr index_t reach = 3;
  if (c.samples <= 2 * reach) return c.least();
  std::vector<double> sum(static_cast<std::size_t>(c.samples), 0.0);
  for (std::size_t i = 0; i < c.cost.size(); ++i) sum[i % sum.size()] += c.cost[i];
  index_t best = reach;
  double depth = -1;
  for (index_t k = reach; k + reach < c.samples; ++k) {
    const auto at = [&](index_t i) { return sum[static_cast<std::size_t>(i)]; };
    const double below = std::min(at(k - reach), at(k + reach)) - at(k);
    if (below > depth) depth = below, best = k;
  }
  return best;
}

}  // namespace

std::optional<curve_minimum> refine_by_variation(queue& q, cref sinograms,
                                                 const std::vector<double>& angles, double start,
                                                 double reach) {
  const auto steps = static_cast<index_t>(std::ceil(reach));
  const auto last = static_cast<double>(sinograms.extents[2] - 1);
  const double radius = std::min(start, last - start) - static_cast<double>(steps) - 1;
  if (radius < least_radius) return {};
  const filtered_scan scan(q, sinograms, angles, 1);
  const double first = start - static_cast<double>(steps);
  const index_t k = scan.curve(q, metric::total, first, 1, 2 * steps + 1, start, radius).least();
  if (k == 0 || k == 2 * steps) return {};
  const double from = first + static_cast<double>(k) - 1.5;
  return scan.curve(q, metric::total, from, 0.5, 7, start, radius).minimum();
}

double search_by_variation(queue& q, cref sinograms, const std::vector<double>& angles,
                           std::array<double, 2> range) {
  index_t by = 1;
  while (sinograms.extents[2] / by > 128) by *= 2;
  double low = range[0], high = range[1], best = 0.5 * (low + high);
  for (;; by /= 2) {
    const filtered_scan small(q, sinograms, angles, by);
    const double scale = static_cast<double>(by), offset = 0.5 * (scale - 1);
    const auto most = static_cast<double>(small.pixels() - 1);
    const double a = std::clamp((low - offset) / scale, 0.0, most);
    const double b = std::clamp((high - offset) / scale, a, most);
    const auto samples = static_cast<index_t>(b - a) + 1;
    const auto c = small.curve(q, metric::relative, a, 1, samples, 0.5 * (a + b), 0.35 * most);
    best = (a + static_cast<double>(deepest(c))) * scale + offset;
    if (by <= 4) return best;  // as near as refine_by_variation asks for
    low = best - 2 * scale;
    high = best + 2 * scale;
  }
}

}  // namespace ir
