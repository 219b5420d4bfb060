#pragma once
#include <span>
#include <vector>

#include "core/shape.hpp"

namespace ir {

/// Extents of a Gaussian PSF: 2 ceil(4 sigma) + 1 along each of `rank` axes; `sigma` in pixels, one
/// or one for each axis, slowest first. usage_error: another number of them.
shape gaussian_psf_extents(int rank, std::span<const double> sigma);

/// exp(-r^2 / (2 sigma^2)) integrated over each pixel, sum 1, centre at floor(n/2); sigma 0 is a
/// single 1.
std::vector<double> gaussian_psf(const shape& extents, std::span<const double> sigma);

}  // namespace ir
