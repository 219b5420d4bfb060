#include "op/blur_norm.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>

#include "core/array.hpp"
#include "core/queue.hpp"
#include "fft/plan.hpp"
#include "op/axis_matrix.hpp"

namespace ir {
namespace {

constexpr index_t most_points = index_t{1} << 22;

double absolute_sum(const std::vector<double>& h) {
  return std::accumulate(h.begin(), h.end(), 0.0,
                         [](double sum, double v) { return sum + std::abs(v); });
}
bool nonnegative(const std::vector<double>& h) {
  return std::ranges::all_of(h, [](double v) { return v >= 0; });
}

// Largest |H| at the frequencies of the grid n, on which h is wrapped.
double largest_on_grid(const shape& psf, const std::vector<double>& h, const shape& n) {
  queue cpu;
  const auto strides = [](const shape& s) {
    std::vector<index_t> all(static_cast<std::size_t>(s.rank()), 1);
    for (int a = s.rank() - 2; a >= 0; --a)
      all[static_cast<std::size_t>(a)] = all[static_cast<std::size_t>(a) + 1] * s[a + 1];
    return all;
  };
  const auto from = strides(psf), to = strides(n);
  array grid(cpu, dtype::f64, n);
  auto* wrapped = static_cast<double*>(grid.get().data);
  std::fill_n(wrapped, n.count(), 0.0);
  for (index_t i = 0; i < psf.count(); ++i) {
    index_t rest = i, place = 0;
    for (int a = 0; a < psf.rank(); ++a) {
      place += rest / from[static_cast<std::size_t>(a)] % n[a] * to[static_cast<std::size_t>(a)];
      rest %= from[static_cast<std::size_t>(a)];
    }
    wrapped[place] += h[static_cast<std::size_t>(i)];
  }
  const index_t half = n.count() / n[n.rank() - 1] * (n[n.rank() - 1] / 2 + 1);
  array spectrum(cpu, dtype::c128, shape{half});
  fft_plan::get(contiguous_fft(fft_kind::r2c, precision::f64, n), device{})
      ->run(cpu, grid.get(), spectrum.get());
  const auto* gain = static_cast<const std::complex<double>*>(spectrum.get().data);
  double largest = 0;
  for (index_t i = 0; i < half; ++i) largest = std::max(largest, std::norm(gain[i]));
  return std::sqrt(largest);
}

// |H|^2 is a trigonometric polynomial of degree L - 1 along an axis with L taps.
double supremum(const shape& psf, const std::vector<double>& h) {
  const double all = absolute_sum(h);
  if (nonnegative(h)) return all;
  for (index_t finer = 32; finer >= 4; finer /= 2) {
    std::vector<index_t> n;
    double square = 1;
    double points = 1;
    for (const index_t taps : psf.extents()) {
      n.push_back(taps == 1 ? 1 : fast_length(finer * (taps - 1), device{}));
      points *= static_cast<double>(n.back());
      if (taps > 1)
        square /= std::cos(std::numbers::pi * static_cast<double>(taps - 1) /
                           static_cast<double>(n.back()));
    }
    if (points > static_cast<double>(most_points)) continue;
    return std::min(all, std::sqrt(square) * largest_on_grid(psf, h, shape(n)));
  }
  return all;
}

double extension_norm(const shape& psf, const shape& n, boundary rule) {
  double norm = 1;
  for (int a = 0; a < n.rank(); ++a)
    norm *= norm_of(pad_axis(n[a], psf[a] - 1 - psf[a] / 2, psf[a] / 2, rule)).upper;
  return norm;
}

constexpr double rounding = 1e-12;

}  // namespace

bound blur_norm(const shape& psf, const std::vector<double>& h, const shape& n, boundary rule,
                double largest_column) {
  const double total = std::abs(std::accumulate(h.begin(), h.end(), 0.0));
  const bool plain = nonnegative(h);
  if (rule == boundary::circular && plain) return around(total, "sum of the PSF");
  if (rule == boundary::circular && n.count() <= most_points)
    return around(largest_on_grid(psf, h, n), "spectrum of the PSF");
  const double sup = supremum(psf, h) * (1 + rounding);
  const char* how = plain ? "sum of the PSF" : "largest gain of the PSF";
  if (rule == boundary::zero) return {0, sup, how};
  const double lower = total * (1 - rounding);
  if (rule == boundary::circular) return {lower, sup, how};
  const double extended = sup * extension_norm(psf, n, rule);
  const double schur = std::sqrt(total * largest_column) * (1 + rounding);
  if (plain && largest_column > 0 && schur < extended)
    return {lower, std::max(schur, lower), "row and column sums"};
  return {lower, extended, "gain of the PSF, extension of the boundary"};
}

bound separable_blur_norm(const std::vector<std::vector<double>>& h, const shape& n,
                          boundary rule) {
  bound all{1, 1, "closed form along each axis"};
  for (int a = 0; a < n.rank(); ++a) {
    const bound b = norm_of(convolve_axis(n[a], h[static_cast<std::size_t>(a)], rule));
    all = {all.lower * b.lower, all.upper * b.upper, "product over axes: " + b.how};
  }
  return all;
}

}  // namespace ir
