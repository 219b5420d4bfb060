#pragma once
#include "core/space.hpp"

namespace ir {

/// y = 1 / x, real by real; 0 where x is 0 (the gaps between blocks).
void reciprocal(queue&, cvec x, vec y);
/// y = x / y, real by real; 0 where y is not above `floor`.
void divide_into(queue&, cvec x, vec y, double floor = 0);

}  // namespace ir
