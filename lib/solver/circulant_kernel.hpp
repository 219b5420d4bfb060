#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// spectrum /= points (N + rho K), N and K symbols of one image, no less than `least`; 0 where that
/// is 0. `spectrum` has any number of images. Reads 4, writes 2.
template <class T>
struct divide_by_symbols {
  nd_view<T, 3> spectrum;  // (images, n, 2)
  const T *N, *K;          // (n); K null: 0
  T rho, least, points;

  IR_HD void operator()(index_t k, index_t i) const noexcept {
    const T symbol = K != nullptr ? N[i] + rho * K[i] : N[i];
    const T below = points * (symbol > least ? symbol : least);
    const T factor = below > T(0) ? 1 / below : T(0);
    spectrum(k, i, 0) *= factor;
    spectrum(k, i, 1) *= factor;
  }
};

}  // namespace ir::kernel
