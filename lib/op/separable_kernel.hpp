#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// Rows of a sparse matrix (op/axis_matrix.hpp) where the kernel runs.
template <class T>
struct sparse_rows {
  const index_t* start;
  const index_t* column;
  const T* weight;
};

/// y = M x along the middle axis. Reads an element and two table entries for each entry of the row,
/// writes 1.
template <class T>
struct rows_along_axis {
  nd_view<const T, 3> x;  // (outer, columns, inner)
  nd_view<T, 3> y;        // (outer, rows, inner)
  sparse_rows<T> m;
  mode how;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    T sum = 0;
    for (index_t e = m.start[j]; e < m.start[j + 1]; ++e) sum += m.weight[e] * x(k, m.column[e], i);
    put(y(k, j, i), sum, how);
  }
};

/// The same along the fastest axis.
template <class T>
struct rows_along_lines {
  nd_view<const T, 2> x;  // (lines, columns)
  nd_view<T, 2> y;        // (lines, rows)
  sparse_rows<T> m;
  mode how;

  IR_HD void operator()(index_t j, index_t i) const noexcept {
    T sum = 0;
    for (index_t e = m.start[i]; e < m.start[i + 1]; ++e) sum += m.weight[e] * x(j, m.column[e]);
    put(y(j, i), sum, how);
  }
};

/// sum += w_0 x_0 + ... + w_{N-1} x_{N-1}, one after the other. Reads N + 1, writes 1.
template <class T, int N>
struct add_lines {
  const T* x[N];
  T w[N];
  T* sum;

  IR_HD void operator()(index_t i) const noexcept {
    T s = sum[i];
    for (int m = 0; m < N; ++m) s += w[m] * x[m][i];
    sum[i] = s;
  }
};

}  // namespace ir::kernel
