#pragma once
#include <algorithm>

#include "denoise/median_kernel.hpp"

namespace ir::detail {

/// Elements [first, first + n) of row `row` of an image's window, both counted from the image's
/// first pixel and at most the radius outside: a run of the image where it lies inside, else a copy
/// with the border's rule in `space` (n elements).
template <class T>
[[gnu::always_inline]] inline const T* line_of(const median_window<T>& w, index_t row,
                                               index_t first, index_t n, T* space) {
  const index_t nx = w.x.extent(2), from = element_at(row, w.x.extent(1), w.radius, w.rule);
  if (from < 0) {
    std::fill_n(space, n, T(0));
    return space;
  }
  const T* const line = w.x.data + from * nx;
  if (first >= 0 && first + n <= nx) return line + first;
  const index_t begin = std::max<index_t>(0, first), end = std::min(nx, first + n);
  std::copy(line + begin, line + end, space + (begin - first));
  const auto beyond = [&](index_t i) {
    const index_t at = element_at(i, nx, w.radius, w.rule);
    return at < 0 ? T(0) : line[at];
  };
  for (index_t i = first; i < begin; ++i) space[i - first] = beyond(i);
  for (index_t i = end; i < first + n; ++i) space[i - first] = beyond(i);
  return space;
}

}  // namespace ir::detail
