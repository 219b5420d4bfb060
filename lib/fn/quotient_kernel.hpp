#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// y = 1 / x, 0 where x = 0. Reads 1, writes 1, 1 flop.
template <class T>
struct reciprocal {
  const T* x;
  T* y;
  IR_HD void operator()(index_t i) const noexcept {
    const T quotient = T(1) / x[i];
    y[i] = x[i] == T(0) ? T(0) : quotient;
  }
};

/// y = x / y, 0 where y <= floor. Reads 2, writes 1, 1 flop.
template <class T>
struct divide_into {
  const T* x;
  T* y;
  T floor;
  IR_HD void operator()(index_t i) const noexcept {
    const T below = y[i], quotient = x[i] / below;
    y[i] = below > floor ? quotient : T(0);
  }
};

}  // namespace ir::kernel
