#pragma once
#include <algorithm>
#include <cmath>

#include "core/row_runner.hpp"

namespace ir::detail {

/// The differences of one row of pixels, all channels, that energies are summed from.
template <class T>
struct tv_difference_row {
  index_t n, channels, axes;
  const T* x;
  const T* next[3];  // element 0 one step ahead along axes 1 and 2; x itself at the border
  index_t x_channel, next_channel[3];
  const T* p;
  index_t p_channel, p_axis;
  bool isotropic;
};

/// |Dx| - p.Dx at element i, which is not negative; |Dx| goes to norm[i]. A, C: axes and channels,
/// C = 0: any number. In T, whose rounding is a share of |Dx|; summed in f64.
template <class T, int A, int C>
struct tv_gap_term {
  tv_difference_row<T> row;
  T* norm;  // of the element `begin`
  index_t begin;
  index_t ahead;  // 1, or 0 at the row's last element

  double operator()(index_t i) const noexcept {
    T square[A] = {}, dot = 0;
    const index_t channels = C > 0 ? C : row.channels;
    for (index_t c = 0; c < channels; ++c) {
      const T* const x = row.x + c * row.x_channel;
      const T here = x[i];
      for (int a = 0; a < A; ++a) {
        const T next = a == 0 ? x[i + ahead] : row.next[a][c * row.next_channel[a] + i];
        const T d = next - here;
        square[a] += d * d;
        dot += d * row.p[c * row.p_channel + a * row.p_axis + i];
      }
    }
    T sum = 0;
    if (row.isotropic) {
      for (int a = 0; a < A; ++a) sum += square[a];
      sum = std::sqrt(sum);
    } else {
      for (int a = 0; a < A; ++a) sum += std::sqrt(square[a]);
    }
    norm[i - begin] = sum;
    return static_cast<double>(sum - dot);
  }
};

/// (x - f)^2 / (2 w) at element i.
template <class T>
struct tv_misfit_term {
  const T *x, *f;
  double half;  // 1 / (2 w)
  double operator()(index_t i) const noexcept {
    const double d = static_cast<double>(x[i] - f[i]);
    return half * d * d;
  }
};

/// The same with a weight for each pixel; `trust` 0: none.
template <class T>
struct tv_weighted_misfit_term {
  const T *x, *f, *weights, *trust;
  double operator()(index_t i) const noexcept {
    const double d = static_cast<double>(x[i] - f[i]);
    return static_cast<double>(trust[i]) * d * d / (2 * static_cast<double>(weights[i]));
  }
};

template <class T>
struct tv_value {
  const T* x;
  double operator()(index_t i) const noexcept { return static_cast<double>(x[i]); }
};

/// {sum |Dx|, sum |Dx| - p.Dx} of a row.
struct tv_row_sums {
  double norm = 0, gap = 0;
};
template <class T, int A, int C>
tv_row_sums tv_sums_of(const tv_difference_row<T>& row) {
  constexpr index_t piece = 1024;
  T norm[piece];
  tv_row_sums sums;
  for (index_t begin = 0; begin < row.n; begin += piece) {
    const index_t end = std::min(begin + piece, row.n), inside = std::min(end, row.n - 1);
    sums.gap += sum_row(tv_gap_term<T, A, C>{row, norm, begin, 1}, begin, inside);
    if (end == row.n) sums.gap += tv_gap_term<T, A, C>{row, norm, begin, 0}(row.n - 1);
    sums.norm += sum_row(tv_value<T>{norm}, 0, end - begin);
  }
  return sums;
}
template <class T, int A>
tv_row_sums tv_sums_of(const tv_difference_row<T>& row) {
  if (row.channels == 1) return tv_sums_of<T, A, 1>(row);
  if (row.channels == 3) return tv_sums_of<T, A, 3>(row);
  return tv_sums_of<T, A, 0>(row);
}
template <class T>
tv_row_sums tv_sums(const tv_difference_row<T>& row) {
  return row.axes == 1   ? tv_sums_of<T, 1>(row)
         : row.axes == 2 ? tv_sums_of<T, 2>(row)
                         : tv_sums_of<T, 3>(row);
}

}  // namespace ir::detail
