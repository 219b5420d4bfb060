#pragma once
#include <memory>
#include <vector>

#include "fft/convolution.hpp"
#include "stage/stage.hpp"

namespace ir {

struct convolve_options {
  boundary rule = boundary::edge;
  psf_sum sum = psf_sum::one;
  /// Standard deviations of a Gaussian in pixels, one or one for each axis, instead of a PSF in the
  /// stream; empty: the stream has one.
  std::vector<double> gaussian;
};

/// Blur: y = h * x on the last axes, as many as the PSF has; for a Gaussian --rank, else as many as
/// there are standard deviations, else 2. Channels and batch axes one by one, with one transfer
/// function for the stream. Frames out in f32 (f64 in double precision), `nominal` kept, the PSF
/// used up.
///
/// A frame that does not fit the memory is worked on in slabs along its slowest spatial axis, read
/// with as much as the PSF reaches beyond them: the same result to rounding. It is delivered in
/// parts of whole lines.
///
/// usage_error: no PSF or two; shape_error naming both shapes; data_error: complex or non-finite
/// data, a PSF whose sum cannot be made 1; memory_error: not even a slab fits.
std::unique_ptr<stage> make_convolve(const convolve_options&);

}  // namespace ir
