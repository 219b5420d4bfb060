#pragma once
#include "core/nd_view.hpp"
#include "op/separable_kernel.hpp"

namespace ir::kernel {

/// y[i] = sum_j m[i, j] x[j], in 8 partial sums. Reads a row and x, writes 1.
template <class T>
struct dense_row {
  nd_view<const T, 2> m;  // (rows, columns)
  const T* x;
  T* y;
  mode how;

  IR_HD void operator()(index_t i) const noexcept {
    constexpr int lanes = 8;
    const T* row = &m(i, 0);
    const index_t n = m.extent(1);
    T sum[lanes] = {};
    index_t j = 0;
    for (; j + lanes <= n; j += lanes)
      for (int l = 0; l < lanes; ++l) sum[l] += row[j + l] * x[j + l];
    for (int l = 0; j < n; ++j, ++l) sum[l] += row[j] * x[j];
    for (int half = lanes / 2; half > 0; half /= 2)
      for (int l = 0; l < half; ++l) sum[l] += sum[l + half];
    put(y[i], sum[0], how);
  }
};

/// y[i] = sum of a sparse row times x. Reads an element and two table entries for each entry.
template <class T>
struct sparse_row {
  sparse_rows<T> m;
  const T* x;
  T* y;
  mode how;

  IR_HD void operator()(index_t i) const noexcept {
    T sum = 0;
    for (index_t e = m.start[i]; e < m.start[i + 1]; ++e) sum += m.weight[e] * x[m.column[e]];
    put(y[i], sum, how);
  }
};

}  // namespace ir::kernel
