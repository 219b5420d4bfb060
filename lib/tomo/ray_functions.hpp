#pragma once
#include "tomo/tile_functions.hpp"

namespace ir::detail {

/// Pixels that may be read, but do not count, behind a tile.
inline constexpr index_t tile_slack = 2 * tile_size;

/// Bins that a strip works on, and zeros before and behind the rows that it reads.
inline constexpr index_t strip_bins = 16;
inline constexpr index_t strip_margin = 64;

/// The detector bins of a view that see a tile. In row r of the tile (along y or x, whichever the
/// rays cross) bin k covers [t, t + width] with t = start + k per_bin + r per_row, where the row's
/// pixel i reaches from i to i + 1.
template <class T>
struct tile_rays {
  T* sums;  // (bin, slice)
  index_t bins;
  T start, per_bin, per_row, width;
  index_t row_step, pixel_step;  // in pixels of the tile (y, x)
};

/// `strip_bins` bins on `rows` rows of one slice, in the same way.
template <class T>
struct strip_rays {
  const T* first;  // pixel 0 of row 0
  index_t pitch, rows;
  double start, per_row;
  T per_bin, width;
};

/// The loops of the projection at one instruction-set level. Each adds
///
///   sum over rows, i of  |[t, t + width] and [i, i + 1]|  pixel(row, i)
///
/// to the sums of each bin.
template <class T>
struct ray_functions {
  using add_tile = void (*)(const T* tile, const tile_rays<T>*, index_t views);
  add_tile wide, narrow;                         // tiles (y, x, slice), width <= 2
  add_tile many_wide, many_narrow, many_single;  // any width
  /// Sets its sums; null: the level has no permutations.
  void (*strip)(const strip_rays<T>&, T* sums);
  T strip_width;  // which a bin may have in a strip
};
/// Those of the level in use.
template <class T>
const ray_functions<T>* ray_functions_in_use();
template <>
const ray_functions<float>* ray_functions_in_use<float>();
template <>
const ray_functions<double>* ray_functions_in_use<double>();

}  // namespace ir::detail
