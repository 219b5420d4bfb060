#pragma once
#include <cmath>

#include "core/nd_view.hpp"

namespace ir::kernel {

/// max(|x| - t, 0). Reads 1.
template <class T>
struct above_threshold {
  const T* x;
  double t;
  IR_HD double operator()(index_t i) const noexcept {
    const double over = std::fabs(double(x[i])) - t;
    return over > 0 ? over : 0;
  }
};

/// 1 where |x| > t. Reads 1.
template <class T>
struct count_above {
  const T* x;
  double t;
  IR_HD double operator()(index_t i) const noexcept { return std::fabs(double(x[i])) > t ? 1 : 0; }
};

}  // namespace ir::kernel
