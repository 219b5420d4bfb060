#pragma once
#include <memory>
#include <string>

#include "fft/convolution.hpp"
#include "stage/stage.hpp"

namespace ir {

struct deconvolve_options {
  enum class method : std::uint8_t { rl, wiener };
  method how = method::rl;
  boundary rule = boundary::edge;
  psf_sum sum = psf_sum::one;
  index_t iterations = 20;     // rl
  std::string start = "data";  // rl: data, flat, or a file with an estimate for each frame (or one)
  bool divergence = false;     // rl: tell the I-divergence as a fact
  double balance = 0.01;       // wiener: noise power / prior power
};

/// Deconvolution of the last axes, as many as the PSF in the stream has: Richardson-Lucy
/// (deconv/richardson_lucy.hpp) or Wiener (deconv/wiener.hpp). Channels and batch axes one by one,
/// with one transfer function for the stream. Frames out in f32 (f64 in double precision),
/// `nominal` kept, the PSF used up.
///
/// usage_error: no PSF; shape_error naming both shapes; data_error: complex or non-finite data, a
/// PSF whose sum cannot be made 1; memory_error naming what is needed and what there is.
std::unique_ptr<stage> make_deconvolve(const deconvolve_options&);

}  // namespace ir
