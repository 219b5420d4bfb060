#pragma once
#include <memory>
#include <optional>
#include <string>

#include "denoise/denoiser.hpp"
#include "stage/stage.hpp"

namespace ir {

struct denoise_options {
  enum class per : std::uint8_t { frame, stack };
  /// Standard deviation of the noise; absent: `sigma_file`, else estimated.
  std::optional<double> sigma;
  std::string sigma_file;   // the standard deviation of each pixel, one image for all frames
  bool needs_sigma = true;  // of the method; false: nothing is estimated
  per estimate = per::frame;
  double strength = 1;  // result = noisy + strength (denoised - noisy); pixels that are no data are
                        // always the denoised ones
};

/// Denoising of each frame's images (channels together, batch axes one by one; --rank trailing axes
/// are space, else 2) by one method. Integer data come back in their own type, `nominal` kept;
/// others in f32 (f64 in double precision). An array with role mask (nonzero: no data), one for all
/// frames, is used and forwarded.
///
/// The noise is estimated once a frame, or on the first image for the stack; fact "sigma".
///
/// An image of one channel that does not fit the memory is worked on in slabs along its slowest
/// spatial axis, read with the method's halo, and delivered in parts of whole lines.
///
/// usage_error: an option; shape_error naming both shapes; data_error: complex or non-finite data;
/// numeric_error: the result has NaN; memory_error: not even a slab fits.
std::unique_ptr<stage> make_denoise(std::shared_ptr<const denoiser>, const denoise_options&);

}  // namespace ir
