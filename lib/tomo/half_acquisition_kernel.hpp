#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// One pixel of half_acquisition::complete. Reads 2, writes 1, 1 flop.
template <class T>
struct complete_row {
  nd_view<const T, 2> rows;  // (row, u)
  nd_view<T, 2> wide;        // (row, before + u + after)
  const T* weights;          // (u)
  index_t before;

  IR_HD void operator()(index_t row, index_t k) const noexcept {
    const index_t u = k - before;
    const bool there = u >= 0 && u < rows.extent(1);
    wide(row, k) = there ? rows(row, there ? u : 0) * weights[there ? u : 0] : T(0);
  }
};

}  // namespace ir::kernel
