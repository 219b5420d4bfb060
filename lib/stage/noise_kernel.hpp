#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// 1 where x is NaN or infinite. Reads 1.
template <class T>
struct not_finite {
  const T* x;
  IR_HD double operator()(index_t i) const noexcept { return x[i] - x[i] == 0 ? 0 : 1; }
};

/// 1 where x < 0. Reads 1.
template <class T>
struct is_negative {
  const T* x;
  IR_HD double operator()(index_t i) const noexcept { return x[i] < 0 ? 1 : 0; }
};

}  // namespace ir::kernel
