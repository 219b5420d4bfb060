#pragma once
#include <cstdint>
#include <vector>

#include "core/shape.hpp"

namespace ir {

/// Windows of the ramp, x = f / cutoff:
///   none 1 and no ramp (plain backprojection); ram_lak 1; shepp_logan sin(pi x/2) / (pi x/2);
///   cosine cos(pi x/2); hamming .54 + .46 cos(pi x); hann .5 + .5 cos(pi x);
///   butterworth 1 / (1 + x^(2 order)).
/// Beyond the cut-off all but none and butterworth are 0.
enum class ramp_window : std::uint8_t {
  none,
  ram_lak,
  shepp_logan,
  cosine,
  hamming,
  hann,
  butterworth
};

/// What continues a detector row on both sides: its border pixels (objects that reach beyond the
/// detector) or zeros.
enum class row_padding : std::uint8_t { edge, zero };

struct ramp_options {
  ramp_window window = ramp_window::ram_lak;
  double cutoff = 0.5;  ///< cycles per pixel, in (0, 0.5]
  double order = 4;     ///< of the Butterworth window, > 0
  row_padding padding = row_padding::edge;
};

/// Points that a row of `detector` pixels is padded to: at least twice as many.
index_t ramp_length(index_t detector);

/// The filter at frequencies 0 .. length/2 (of `length` points, cycles per pixel), in 1/pixel: the
/// DFT of the band-limited ramp's kernel h[0] = 1/4, h[odd n] = -1/(pi n)^2, h[even n] = 0, times
/// the window. Never the sampled |f|: that biases every value of a slice. usage_error: cutoff or
/// order out of range.
///
/// Source: A. C. Kak, M. Slaney, Principles of Computerized Tomographic Imaging (1988), 3.3.3.
std::vector<double> ramp_response(const ramp_options&, index_t length);

}  // namespace ir
