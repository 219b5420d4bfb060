#pragma once
#include <vector>

#include "fft/extension_kernel.hpp"
#include "op/linear_operator.hpp"

namespace ir {

/// Bounds of the norm of a blur with PSF h on images of extents n:
///
///   circular          max |H| over the frequencies of n, exact (up to 2^22 points; a PSF without
///                     negative values has its largest gain at frequency 0)
///   zero              U = sup |H| over all frequencies
///   reflect, edge     U = the least of sup |H| ||E|| (E: the extension) and, without negative
///                     values, sqrt(sum h * largest column sum); L = |sum h|: a constant image
///                     becomes one
///
/// sup |H| is sum h without negative values; else from samples on an oversampled grid, times
/// 1 / cos(pi d / N) for each axis, or sum |h| if that grid is too large.
/// `largest_column`: of H, where the caller knows it; 0: unknown.
///
/// Source: H. Ehlich, K. Zeller, Math. Z. 86 (1964) 41-44, on sampled trigonometric polynomials.
bound blur_norm(const shape& psf, const std::vector<double>& h, const shape& n, boundary,
                double largest_column = 0);

/// The same for a separable PSF, from one vector an axis: tight for every boundary.
bound separable_blur_norm(const std::vector<std::vector<double>>& h, const shape& n, boundary);

}  // namespace ir
