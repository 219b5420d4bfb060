#pragma once
#include "fft/extension_kernel.hpp"

namespace ir::detail {

/// Element that position `at` of an axis of n elements takes; -1: a value of its own. `at` is at
/// most `reach` outside.
IR_HD inline index_t element_at(index_t at, index_t n, index_t reach, boundary rule) {
  const line_extension line{n, n + 2 * reach, reach, reach, rule};
  return line.source(at < 0 ? at + line.length : at);
}

}  // namespace ir::detail
