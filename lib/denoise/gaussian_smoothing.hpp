#pragma once
#include <memory>
#include <vector>

#include "denoise/denoiser.hpp"
#include "fft/extension_kernel.hpp"

namespace ir {

struct gaussian_options {
  /// Standard deviation in pixels, >= 0: one, or one for each spatial axis, slowest first. 0 leaves
  /// the axis alone.
  std::vector<double> width{1};
  /// What lies beyond the borders of the image.
  boundary rule = boundary::reflect;
  /// The kernel ends at this many widths, >= 3.
  double truncate = 4;
};

/// Smoothing by a sampled Gaussian along each spatial axis, each channel alone.
///
///   (G x)[i] = sum_{|k| <= r} w[k] x[i + k],   w[k] = exp(-k^2 / (2 width^2)) / (sum of all)
///   r = floor(truncate width + 1/2)
///
/// With a mask the convolution is normalised, (G m x) / (G m) with m = 1 where a pixel is valid,
/// and 0 where the kernel meets no valid pixel; what a rule `zero` adds outside counts as valid.
/// The noise's level has no influence.
///
/// takes    f32 and f64
/// halo     the largest r, exact; the whole axis where the rule is circular
/// cost     direct sums, 2 r + 1 terms an axis and pixel; the same bits on every device, at every
///          instruction-set level and for any number of threads
/// errors   usage_error: a width below 0 or not finite, no width or more than three, truncate below
///          3; shape_error: as many widths as an image has no axes
/// source   H. Knutsson, C.-F. Westin, Normalized and differential convolution, CVPR (1993) 515-523
std::unique_ptr<denoiser> make_gaussian_smoothing(const gaussian_options& = {});

}  // namespace ir
