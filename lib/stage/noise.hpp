#pragma once
#include <memory>
#include <optional>

#include "stage/stage.hpp"

namespace ir {

struct noise_options {
  std::optional<double> sigma;  // Gaussian, in the data's units, >= 0
  bool poisson = false;
  std::optional<double> gain;  // counts for each unit of the data, > 0; 1
};

/// y = Poisson(gain x) / gain + sigma n, either part alone where only it is asked for. Mean x,
/// variance x / gain + sigma^2.
///
/// Frames of `data` in, the same extents out in f32 (f64 in double precision); `nominal` is kept,
/// other arrays pass unchanged. Parts, in flat memory. Random numbers by (seed, frame, index in the
/// frame): the same bits for any parts, tiles and threads. usage_error: nothing is asked for, or a
/// gain without Poisson noise; data_error: complex data, NaN or infinite values, negative means of
/// Poisson noise.
std::unique_ptr<stage> make_noise(const noise_options&);

}  // namespace ir
