#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// y = w x, real by real, for each element of the leading axes. Reads 2, writes 1, 1 flop.
template <class T>
struct diagonal_real {
  nd_view<const T, 2> x;  // (batch, n)
  nd_view<T, 2> y;
  const T* w;  // n
  mode how;

  IR_HD void operator()(index_t j, index_t i) const noexcept { put(y(j, i), w[i] * x(j, i), how); }
};

/// y = w x, or conj(w) x (sign -1), complex numbers as pairs. Reads 4, writes 2, 6 flop.
template <class T>
struct diagonal_complex {
  nd_view<const T, 3> x;  // (batch, n, 2)
  nd_view<T, 3> y;
  const T* w;  // n pairs
  T sign;
  mode how;

  IR_HD void operator()(index_t j, index_t i) const noexcept {
    const T a = w[2 * i], b = sign * w[2 * i + 1], u = x(j, i, 0), v = x(j, i, 1);
    put(y(j, i, 0), a * u - b * v, how);
    put(y(j, i, 1), a * v + b * u, how);
  }
};

/// y[i] = x[index[i]]. Reads 1 and an index, writes 1.
template <class T>
struct pick {
  nd_view<const T, 3> x;  // (batch, n, reals of an element)
  nd_view<T, 3> y;        // (batch, m, reals of an element)
  const index_t* index;   // m
  mode how;

  IR_HD void operator()(index_t j, index_t i) const noexcept {
    for (index_t c = 0; c < x.extent(2); ++c) put(y(j, i, c), x(j, index[i], c), how);
  }
};

/// Adjoint of pick, as a gather: element i collects all that were picked from it. `start` and
/// `from` are the list of picks of each element.
template <class T>
struct unpick {
  nd_view<const T, 3> y;  // (batch, m, reals of an element)
  nd_view<T, 3> x;        // (batch, n, reals of an element)
  const index_t* start;   // n + 1
  const index_t* from;    // m
  mode how;

  IR_HD void operator()(index_t j, index_t i) const noexcept {
    for (index_t c = 0; c < x.extent(2); ++c) {
      T sum = 0;
      for (index_t e = start[i]; e < start[i + 1]; ++e) sum += y(j, from[e], c);
      put(x(j, i, c), sum, how);
    }
  }
};

}  // namespace ir::kernel
