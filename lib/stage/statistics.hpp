#pragma once
#include "io/source.hpp"

namespace ir {

/// Of all values of an array; complex values count by their magnitude. NaN and infinities are
/// counted and left out.
struct statistics {
  index_t count = 0, nan = 0, infinite = 0;
  double least = 0, greatest = 0, mean = 0,
         deviation = 0;  // population standard deviation; 0 if count is 0
};

/// Reads `from` to its end, in flat memory. f64 sums in the order of the data: same bits for any
/// thread count. Source of the merging of parts: Chan, Golub, LeVeque, The American Statistician 37
/// (1983) 242-247.
statistics measure(frame_source& from, queue&);

}  // namespace ir
