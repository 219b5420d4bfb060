#pragma once
#include <cstdint>

#include "core/nd_view.hpp"

namespace ir::kernel {

/// x = 0 where it is no data: whatever stands there, NaN too, has no influence. Reads 2, writes 1.
template <class T>
struct silence {
  const std::uint8_t* valid;
  T* x;
  IR_HD void operator()(index_t i) const noexcept { x[i] = valid[i] == 0 ? T(0) : x[i]; }
};

/// x = noisy + strength (x - noisy), where it is data. Reads 3, writes 1, 3 flop.
template <class T>
struct blend {
  const T* noisy;
  const std::uint8_t* valid;  // null: all
  T* x;
  T strength;
  IR_HD void operator()(index_t i) const noexcept {
    const T whole = x[i];
    const T part = noisy[i] + strength * (whole - noisy[i]);
    x[i] = valid != nullptr && valid[i] == 0 ? whole : part;
  }
};

}  // namespace ir::kernel
