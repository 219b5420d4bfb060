#include "fn/box.hpp"

#include <fmt/format.h>

namespace ir {

box::box(const space& in, double low, double high)
    : pointwise(low == 0 && high > 1e300 ? std::string("nonnegative")
                                         : fmt::format("box({:.6g}, {:.6g})", low, high),
                in,
                {.prox = offer::exact, .diagonal_step = true, .conjugate = true, .finite = false}),
      low_(low),
      high_(high) {
  detail::require_real(in, "box");
  if (!(low <= high)) throw usage_error(fmt::format("a box from {} to {} is empty", low, high));
}

}  // namespace ir
