#pragma once
#include "denoise/border.hpp"

namespace ir::kernel {

/// One pixel of a symmetric sum along AXIS (0 z, 1 y, 2 x): out = w[0] x[i] + sum_k w[k] (x[i - k]
/// + x[i + k]). `first` is where the result's element 0 lies on the axis. Reads 2 r + 1, writes 1.
template <class T, int AXIS>
struct symmetric_line {
  nd_view<const T, 3> x;
  nd_view<T, 3> out;
  const T* w;
  index_t radius, first;
  boundary rule;
  T outside;

  IR_HD T at(index_t k, index_t j, index_t i, index_t by) const noexcept {
    const index_t own = (AXIS == 0 ? k : AXIS == 1 ? j : i) + first + by;
    const index_t s = detail::element_at(own, x.extent(AXIS), radius, rule);
    if (s < 0) return outside;
    return AXIS == 0 ? x(s, j, i) : AXIS == 1 ? x(k, s, i) : x(k, j, s);
  }
  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    T sum = w[0] * at(k, j, i, 0);
    for (index_t d = 1; d <= radius; ++d) sum += w[d] * (at(k, j, i, -d) + at(k, j, i, d));
    out(k, j, i) = sum;
  }
};

/// The pixels that count: x where valid, else 0; and 1 where valid, else 0. Reads 2, writes 1.
template <class T>
struct valid_values {
  const T* x;  // null: ones
  const std::uint8_t* valid;
  T* out;
  IR_HD void operator()(index_t i) const noexcept {
    const T own = x ? x[i] : T(1);
    out[i] = valid[i] ? own : T(0);
  }
};

/// out = out / weight, 0 where the weight is 0. Reads 2, writes 1.
template <class T>
struct divide_by_weight {
  const T* weight;
  T* out;
  IR_HD void operator()(index_t i) const noexcept {
    out[i] = weight[i] > T(0) ? out[i] / weight[i] : T(0);
  }
};

}  // namespace ir::kernel
