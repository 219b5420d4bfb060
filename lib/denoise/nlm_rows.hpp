#pragma once
#include <algorithm>

#include "denoise/nlm_tile.hpp"
#include "denoise/nlm_window.hpp"

// What the inner loops have in common, compiled for each instruction-set level.
namespace ir::detail {
namespace {

// Which pixels p and p + shift = q of a tile meet in one row: columns of p relative to the tile's.
struct nlm_span {
  index_t first, last;
  explicit nlm_span(index_t dx, index_t own)
      : first(-std::max<index_t>(dx, 0)), last(own + std::max<index_t>(-dx, 0)) {}
  index_t count() const { return last - first; }
};

// Squared differences of two rows, over the channels and, weighted, the planes of a patch.
template <class T>
[[gnu::always_inline]] inline void nlm_difference(const nlm_tile<T>& t, index_t p, index_t q,
                                                  index_t n, T* __restrict e) {
  const index_t plane = t.rows_of(1) * t.pitch, r = t.reach.patch[0];
  bool first = true;
  for (index_t c = 0; c < t.channels; ++c)
    for (index_t z = -r; z <= r; ++z, first = false) {
      const T weight = static_cast<T>(nlm_weight_at(z, r));
      const T* __restrict a = t.in + c * t.channel_size() + z * plane + p;
      const T* __restrict b = t.in + c * t.channel_size() + z * plane + q;
      if (t.valid == nullptr) {
        if (first)
          for (index_t i = 0; i < n; ++i) e[i] = weight * ((a[i] - b[i]) * (a[i] - b[i]));
        else
          for (index_t i = 0; i < n; ++i) e[i] += weight * ((a[i] - b[i]) * (a[i] - b[i]));
      } else {
        const T* __restrict va = t.valid + z * plane + p;
        const T* __restrict vb = t.valid + z * plane + q;
        if (first) std::fill(e, e + n, T(0));
        for (index_t i = 0; i < n; ++i)
          e[i] += weight * va[i] * vb[i] * ((a[i] - b[i]) * (a[i] - b[i]));
      }
    }
}

// Rows of sums of 2^level rows that end at row j.
template <class T>
struct nlm_ring {
  T* first;
  index_t depth, pitch;
  T* row(index_t level, index_t j) const {
    return first + (level * depth + (j & (depth - 1))) * pitch;
  }
};

}  // namespace
}  // namespace ir::detail
