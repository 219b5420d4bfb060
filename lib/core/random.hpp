#pragma once
#include "core/queue.hpp"

namespace ir {

/// Where in a sequence of random numbers an array lies: element i of it takes the number of index
/// `first` + i of the frame. So a part, a tile or a rank gets what the whole would.
struct random_place {
  std::uint64_t seed = 0;
  index_t frame = 0;
  index_t first = 0;  // index of the first element in the untiled frame, C order
};

/// y = numbers uniform in (0, 1). y: f32 or f64 (else usage_error), any shape.
void random_uniform(queue&, random_place, ref y);

/// y += sigma * standard normal numbers. sigma: in y's unit, >= 0 (else usage_error).
void add_gaussian(queue&, random_place, double sigma, ref y);

/// y = gain * Poisson numbers of mean y / gain: photon noise of a camera that gives `gain` units
/// for a photon. gain > 0 (else usage_error); y <= 0 becomes 0.
void make_poisson(queue&, random_place, double gain, ref y);

}  // namespace ir
