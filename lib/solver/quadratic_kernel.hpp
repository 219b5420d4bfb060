#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// spectrum /= points (N + rho K), N and K the real parts of symbols of one image; 0 where that is
/// 0. `spectrum` has any number of images. Reads 4, writes 2.
template <class T>
struct divide_by_symbols {
  nd_view<T, 3> spectrum;    // (images, n, 2)
  nd_view<const T, 2> N, K;  // (n, 2)
  T rho, points;

  IR_HD void operator()(index_t k, index_t i) const noexcept {
    const T below = points * (N(i, 0) + rho * K(i, 0)), factor = below > T(0) ? 1 / below : T(0);
    spectrum(k, i, 0) *= factor;
    spectrum(k, i, 1) *= factor;
  }
};

}  // namespace ir::kernel
