#pragma once
#include <memory>

#include "denoise/denoiser.hpp"

namespace ir {

struct nlm_options {
  /// Width of a patch and of the window that similar patches are looked for in, in pixels along
  /// every spatial axis: odd, >= 1; larger than the image is allowed.
  index_t patch = 7, search = 21;
  /// h = strength * sigma, > 0: how fast weights fall with the distance. 0.7 is a good constant
  /// for photographs at sigma 15 to 50 (found on Set12).
  double strength = 0.7;
};

/// Non-local means, pixelwise: each pixel becomes a weighted mean of those in its search window,
///
///   out(p) = sum_q w(p, q) in(q) / sum_q w(p, q),      w(p, p) = 1
///   w(p, q) = exp(-max(d2(p, q) - 2 sigma^2, 0) / h^2),  h = strength * sigma
///   d2(p, q) = mean over patch offsets k, weighed by g(k), and channels c of
///              (in_c(p + k) - in_c(q + k))^2
///
/// Patch and window extend along the spatial axes; all channels have one weight. g is a product of
/// one factor for each axis: 1 for patches of up to 5 pixels; from 7 on min(r, r + 1 - |k|) with
/// the radius r = patch / 2, that is 1 2 3 3 3 2 1 for 7, two boxes one after the other
/// (nlm_window.hpp). The image goes on behind its borders by reflection about the centre of the
/// outermost pixel, also where the window is larger than the image. sigma 0 (without a map) gives
/// the input.
///
/// Map of sigma: 2 sigma^2 is sigma_p^2 + sigma_q^2, and h^2 is strength^2 times half of that.
/// Mask: d2 is the mean over those k where both pixels are valid, w is 0 where there is none or
/// where q is not valid. A pixel for which all weights are 0 becomes the mean of the valid pixels
/// in the smallest window around it that has any, up to the halo's radius; 0 if there is none.
///
/// f32 weights come from a polynomial (nlm_exponential.hpp), relative error <= 4e-6; exponents
/// below -69 count as -69. Slabs, tiles and threads give the same bits: every sum is taken in an
/// order that depends on the offsets alone.
///
/// halo: search / 2 + patch / 2, exact. usage_error: widths even or < 1, strength not > 0, sigma
/// negative or not finite.
/// Cost: symmetric shifts; sums of patches take a few steps whatever their width. Tuned for f32
/// without mask or map and patches of 3, 5 and 7. The rest is several times slower
/// (tests/bench/nlm_bench.cpp). The same on a GPU, in planes of 1 or 3 channels (nlm_columns.cuh).
/// CPU and GPU agree to 4e-4 sigma in f32.
///
/// Source: A. Buades, B. Coll, J.-M. Morel, Multiscale Model. Simul. 4 (2005) 490-530 (with a
/// Gaussian for g), and Image Processing On Line 1 (2011) 208-212 (the corrected distance).
std::unique_ptr<denoiser> make_nlm(const nlm_options&);

}  // namespace ir
