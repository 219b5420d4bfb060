#include "fft/gaussian.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace ir {
namespace {

double sigma_of(std::span<const double> all, int rank, int axis) {
  if (all.size() != 1 && static_cast<int>(all.size()) != rank)
    throw usage_error(
        fmt::format("a Gaussian with {} standard deviations on {} axes: one, or one for each",
                    all.size(), rank));
  return all.size() == 1 ? all[0] : all[static_cast<std::size_t>(axis)];
}

// Integral over each pixel of an axis, sum 1. erfc keeps the digits of the tail.
std::vector<double> weights(index_t n, double sigma) {
  std::vector<double> w;
  double sum = 0;
  for (index_t i = 0; i < n; ++i) {
    const index_t from_centre = i - n / 2;
    const double d = std::abs(static_cast<double>(from_centre)), s = sigma * std::numbers::sqrt2;
    const double v = sigma == 0 ? (d == 0 ? 1 : 0)
                     : d == 0   ? std::erf(0.5 / s)
                                : 0.5 * (std::erfc((d - 0.5) / s) - std::erfc((d + 0.5) / s));
    w.push_back(v);
    sum += v;
  }
  for (double& v : w) v /= sum;
  return w;
}

}  // namespace

shape gaussian_psf_extents(int rank, std::span<const double> sigma) {
  std::vector<index_t> n;
  for (int axis = 0; axis < rank; ++axis)
    n.push_back(2 * static_cast<index_t>(std::ceil(4 * sigma_of(sigma, rank, axis))) + 1);
  return shape(n);
}

std::vector<double> gaussian_psf(const shape& extents, std::span<const double> sigma) {
  std::vector<double> h{1.0};
  for (int axis = 0; axis < extents.rank(); ++axis) {
    std::vector<double> next;
    const std::vector<double> w = weights(extents[axis], sigma_of(sigma, extents.rank(), axis));
    for (const double a : h)
      for (const double b : w) next.push_back(a * b);
    h = std::move(next);
  }
  return h;
}

}  // namespace ir
