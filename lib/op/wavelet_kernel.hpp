#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

inline constexpr int most_taps = 20;

/// Low and high pass of an orthogonal filter bank.
template <class T>
struct filter_bank {
  int taps;
  T low[most_taps], high[most_taps];
};

/// Three axes of one image, `box` elements of each at work, in arrays of `n`.
struct wavelet_box {
  index_t n[3], box[3];
  int axis;  // along which to filter
};
/// Place of element `at` along the axis of (k, j, i); k counts planes within the boxes of all
/// images.
struct box_place {
  index_t k, j, i;
};
IR_HD inline box_place place_in(const wavelet_box& b, index_t k, index_t j, index_t i, index_t at) {
  const index_t image = k / b.box[0], plane = k % b.box[0];
  return {image * b.n[0] + (b.axis == 0 ? at : plane), b.axis == 1 ? at : j, b.axis == 2 ? at : i};
}
IR_HD inline index_t along_axis(const wavelet_box& b, index_t k, index_t j, index_t i) {
  return b.axis == 0 ? k % b.box[0] : b.axis == 1 ? j : i;
}

/// One level along one axis, periodic: the first half of the box becomes low[t] = sum_m h[m] x[2 t
/// + m], the second high. Reads a tap each, writes 1.
template <class T>
struct wavelet_analysis {
  nd_view<const T, 3> x;  // (images * nz, ny, nx)
  nd_view<T, 3> y;
  wavelet_box b;
  filter_bank<T> f;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t n = b.box[b.axis], half = n / 2, own = along_axis(b, k, j, i);
    const bool low = own < half;
    const index_t first = 2 * (low ? own : own - half);
    T sum = 0;
    index_t at = first;
    for (int m = 0; m < f.taps; ++m) {
      const box_place p = place_in(b, k, j, i, at);
      sum += (low ? f.low[m] : f.high[m]) * x(p.k, p.j, p.i);
      if (++at == n) at = 0;
    }
    const box_place p = place_in(b, k, j, i, own);
    y(p.k, p.j, p.i) = sum;
  }
};

/// Adjoint and inverse of wavelet_analysis as a gather.
template <class T>
struct wavelet_synthesis {
  nd_view<const T, 3> y;
  nd_view<T, 3> x;
  wavelet_box b;
  filter_bank<T> f;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t n = b.box[b.axis], half = n / 2, own = along_axis(b, k, j, i);
    T sum = 0;
    index_t t = own / 2;  // of tap m: (own - m) / 2
    for (index_t m = own % 2; m < f.taps; m += 2, t = t == 0 ? half - 1 : t - 1) {
      const box_place low = place_in(b, k, j, i, t), high = place_in(b, k, j, i, t + half);
      sum += f.low[m] * y(low.k, low.j, low.i) + f.high[m] * y(high.k, high.j, high.i);
    }
    const box_place p = place_in(b, k, j, i, own);
    x(p.k, p.j, p.i) = sum;
  }
};

/// y[t] = sum_m h[m] x[t + direction m step] along one axis, periodic, 0 <= step < n. Reads a tap
/// each, writes 1.
template <class T>
struct periodic_filter {
  nd_view<const T, 3> x;  // (images * nz, ny, nx)
  nd_view<T, 3> y;
  wavelet_box b;
  filter_bank<T> f;
  bool low;
  index_t step, direction;
  mode how;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t n = b.box[b.axis], own = along_axis(b, k, j, i);
    T sum = 0;
    index_t at = own;
    for (int m = 0; m < f.taps; ++m) {
      const box_place p = place_in(b, k, j, i, at);
      sum += (low ? f.low[m] : f.high[m]) * x(p.k, p.j, p.i);
      at += direction * step;
      at += at < 0 ? n : at >= n ? -n : 0;
    }
    put(y(k, j, i), sum, how);
  }
};

}  // namespace ir::kernel
