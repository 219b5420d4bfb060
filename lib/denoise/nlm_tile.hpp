#pragma once
#include "core/index.hpp"

namespace ir::detail {

/// Elements that inner loops take at once: rows have room for so many more.
inline constexpr index_t nlm_lanes = 16;

/// Radii of patch and search window along (z, y, x); 0 along axes that the image does not have.
struct nlm_reach {
  index_t patch[3], search[3];
  index_t halo(int axis) const { return patch[axis] + search[axis]; }
};

/// A box of pixels and what it takes to denoise it: it computes every weight that its own pixels
/// need, also of pairs with one end outside, so tiles know nothing of each other.
template <class T>
struct nlm_tile {
  nlm_reach reach;
  index_t channels;
  index_t own[3];               // pixels (z, y, x) that the tile makes
  index_t pitch, left;          // of rows of `in`; room to the left of the first pixel
  index_t own_pitch, own_left;  // the same of the accumulators
  T* in;         // (c, own + 2 halo): the image, reflected at its borders; 0 where not valid
  T* valid;      // like a channel of `in`: 1 or 0; null: all valid
  T* variance;   // like a channel of `in`: sigma^2; null: one sigma
  T* sum[2];     // (c, own): weighted sums of the values: [0] of pixels p of pairs, [1] of q
  T* weight[2];  // (own): sums of the weights. Apart, so that neither's order depends on the other
  T* rows;       // nlm_row_count rows of row_pitch: running work
  index_t row_pitch;
  T sigma2;   // sigma^2, where there is no map
  T falloff;  // log2(e) / strength^2: a weight is 2^(-falloff * excess of the distance / sigma^2)

  index_t rows_of(int axis) const { return own[axis] + 2 * reach.halo(axis); }
  /// Offset in a channel of `in` of pixel (k, j, i) of `own`, which may lie in the halo.
  index_t at(index_t k, index_t j, index_t i) const {
    return ((k + reach.halo(0)) * rows_of(1) + j + reach.halo(1)) * pitch + i + left;
  }
  index_t channel_size() const { return rows_of(0) * rows_of(1) * pitch; }
  index_t own_at(index_t k, index_t j) const { return (k * own[1] + j) * own_pitch + own_left; }
  /// With a row more, own_at(own[0], 0), for what nobody reads.
  index_t own_size() const { return (own[0] * own[1] + 1) * own_pitch; }
};

/// Sums of rows of 2^k rows are kept in rings, one for each k: their depth, a power of two.
inline index_t nlm_ring_depth(index_t patch_radius) {
  index_t depth = 1;
  while (depth < 2 * patch_radius + 1) depth *= 2;
  return depth;
}
inline index_t nlm_levels(index_t patch_radius) {  // floor(log2(width)) + 1
  index_t levels = 1;
  while ((index_t{2} << (levels - 1)) <= 2 * patch_radius + 1) ++levels;
  return levels;
}
/// Rows of work: rings for both boxes of the window, of distances and of counts of valid pairs, and
/// five single rows.
inline index_t nlm_row_count(const nlm_reach& r, bool masked) {
  return (masked ? 4 : 2) * nlm_ring_depth(r.patch[1]) * nlm_levels(r.patch[1]) + 5;
}

/// Shifts (dz, dy, dx) with the same dz and dy: all dx, or those > 0 where dz and dy are 0. That is
/// the lexicographically greater half of the window.
struct nlm_shifts {
  index_t dz, dy;
  index_t least_dx(const nlm_reach& r) const { return dz > 0 || dy > 0 ? -r.search[2] : 1; }
};

/// Adds to sum and weight what the pairs (p, p + shift) give to both their ends, for these shifts.
template <class T>
using nlm_adder = void (*)(const nlm_tile<T>&, const nlm_shifts&);

/// The function at the instruction-set level in use: float or double.
template <class T>
nlm_adder<T> nlm_adder_in_use();

}  // namespace ir::detail
