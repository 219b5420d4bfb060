#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// to = scale * weight * from, complex numbers as pairs, along the last axis of a half spectrum of
/// n reals: `inner` for the frequencies that stand for two, 1 for 0 and n / 2. Reads 2, writes 2.
template <class T>
struct weigh_half {
  nd_view<const T, 3> from;  // (lines, n / 2 + 1, 2)
  nd_view<T, 3> to;
  index_t n;
  T scale, inner;
  mode how;

  IR_HD void operator()(index_t j, index_t i) const noexcept {
    const T w = i == 0 || 2 * i == n ? scale : scale * inner;
    put(to(j, i, 0), w * from(j, i, 0), how);
    put(to(j, i, 1), w * from(j, i, 1), how);
  }
};

/// to = product over axes of `first` where the index is 0, else `other`, times from: what makes a
/// cosine transform orthonormal. Reads 1, writes 1.
template <class T>
struct weigh_cosines {
  nd_view<const T, 3> from;  // (images * nz, ny, nx)
  nd_view<T, 3> to;
  index_t nz;
  T first[3], other[3];
  mode how;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const T w = (k % nz == 0 ? first[0] : other[0]) * (j == 0 ? first[1] : other[1]) *
                (i == 0 ? first[2] : other[2]);
    put(to(k, j, i), w * from(k, j, i), how);
  }
};

}  // namespace ir::kernel
