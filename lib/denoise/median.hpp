#pragma once
#include <memory>

#include "denoise/denoiser.hpp"
#include "fft/extension_kernel.hpp"

namespace ir {

struct median_options {
  /// The window has 2 radius + 1 pixels along every spatial axis; >= 0, at most 2047.
  index_t radius = 1;
  /// What lies beyond the borders of the image: reflect is d c b a | a b c d | d c b a.
  boundary rule = boundary::reflect;
};

/// The median of the window around each pixel, each channel alone; exact.
///
///   (M x)[i] = element floor((n - 1) / 2) of the n values x[i + k], |k| <= radius, in order
///
/// With a mask the valid pixels of the window count alone; an even number of them gives the lower
/// median. Where there is none the radius grows to 2 radius + 1, then 4 radius + 3; none there
/// either is 0. The noise's level has no influence.
///
/// takes    u8, u16, f32 and f64 as they are; -0 counts as smaller than 0
/// halo     4 radius + 3, exact; the whole axis where the rule is circular
/// cost     images of radius 1 and 2: sorting networks; u8 images: sums of histograms of columns,
///          O(1) a pixel but for the tiles' margins; images of other types: the same for 256 bins
///          of a tile, then the pixel's place in its bin by comparisons in vectors, 256 up to
///          radius 63, radius^2 / 16 beyond; masks, volumes: O(radius^(d - 1)) a pixel of d axes
/// errors   usage_error: a radius out of range
/// sources  S. Perreault, P. Hebert, Median filtering in constant time, IEEE Trans. Image Process.
///          16 (2007) 2389-2394; J. Suomela, Median filtering is equivalent to sorting (2014)
std::unique_ptr<denoiser> make_median(const median_options& = {});

}  // namespace ir
