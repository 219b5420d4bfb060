#pragma once
#include "core/random_kernel.hpp"

namespace ir::kernel {

/// y = f + step or f - step, by a random sign of element i. Reads 1, writes 1.
template <class T>
struct shake {
  const T* f;
  T* y;
  T step;
  random_key key;
  IR_HD void operator()(index_t i) const noexcept {
    y[i] = f[i] + (uniforms(key, i).u < 0.5 ? step : -step);
  }
};

/// The term of <g - f, y - x>; `valid`, of one channel: 0 where an element does not count. Reads 4.
template <class T>
struct shaken_dot {
  const T *f, *g, *x, *y;
  const std::uint8_t* valid;
  index_t channel;
  IR_HD double operator()(index_t i) const noexcept {
    if (valid != nullptr && valid[i % channel] == 0) return 0;
    return double(g[i] - f[i]) * double(y[i] - x[i]);
  }
};

}  // namespace ir::kernel
