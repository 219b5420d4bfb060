#pragma once
#include "core/nd_view.hpp"

namespace ir::detail {

/// Index of the pixel that lies at `i` when the image is reflected about the centres of its
/// outermost pixels, again and again: ... 2 1 | 0 1 2 | 1 0 1 2 ...; always 0 for one pixel.
IR_HD inline index_t nlm_reflect(index_t i, index_t n) {
  if (n == 1) return 0;
  const index_t period = 2 * (n - 1);
  const index_t rest = i % period;
  const index_t from_zero = rest < 0 ? rest + period : rest;
  return from_zero < n ? from_zero : period - from_zero;
}

}  // namespace ir::detail
