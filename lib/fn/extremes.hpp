#pragma once
#include "core/space.hpp"

namespace ir {

struct extremes {
  double least, most;
};
/// Of all reals of an element, read on the host: for tables, once. A NaN makes both NaN.
extremes extremes_of(queue&, cvec);

}  // namespace ir
