#pragma once
#include <memory>

#include "fft/convolution.hpp"

namespace ir {

/// Wiener deconvolution: one filter, 2 FFTs,
///
///   F = conj(H) / (|H|^2 + balance |L|^2) G,   L(k) = sum over axes of 2 - 2 cos(2 pi k_a / n_a):
///
/// the estimate under white noise and a prior that penalises the Laplacian; the mean is kept where
/// the PSF's sum is 1. `balance` = noise power / prior power, >= 0: the larger, the smoother. The
/// data are extended by the boundary over the whole grid, since the filter reaches everywhere.
///
/// Source: F. Orieux, J.-F. Giovannelli, T. Rodet, J. Opt. Soc. Am. A 27 (2010) 1593-1607, whose
/// prior is the default of other toolboxes, too.
///
/// `apply` of the result maps data to the estimate. `psf` as in convolution::make. usage_error:
/// balance < 0; shape_error, data_error as there.
std::shared_ptr<const convolution> wiener_filter(queue&, const shape& extents, cref psf, boundary,
                                                 psf_sum, double balance, precision);

}  // namespace ir
