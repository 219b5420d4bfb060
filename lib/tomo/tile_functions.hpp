#pragma once
#include <cstdint>

#include "core/shape.hpp"

namespace ir::detail {

/// Slices that lie side by side: a cache line of values.
template <class T>
inline constexpr index_t slice_lanes = 64 / static_cast<index_t>(sizeof(T));

/// Pixels of a tile along y and x.
inline constexpr index_t tile_size = 16;

/// Samples that may be read, but do not count, behind the last of a view.
inline constexpr index_t sample_slack = 2 * tile_size;

/// A view as a tile sees it. Pixel (y, x) of the tile covers [t, t + width] of the detector, with
/// t = s + dy y + dx x limited to [low, high], in samples from `samples` and sample k from k to
/// k + 1: small numbers, so that T's rounding does not grow with the slice.
template <class T>
struct tile_view {
  const T* samples;  // (sample, slice)
  T s, dy, dx, low, high, width;
};

/// The loops over a tile at one instruction-set level. Each adds
///
///   sum over k of  |[t, t + width] and [k, k + 1]|  samples[k]
///
/// of all views in order to `sums`: the same arithmetic for each pixel in all, so one slice alone
/// gets the bits that it gets beside others. Width 1 is linear interpolation between the samples'
/// middles.
template <class T>
struct tile_functions {
  using sum_views = void (*)(const tile_view<T>*, index_t views, T* sums);
  struct widths {
    sum_views wide;    // sums (y, x, 2 slice_lanes)
    sum_views narrow;  // sums (y, x, slice_lanes)
    sum_views single;  // sums (y, x)
  };
  widths linear;     // of views with width 1
  widths two_taps;   // at most 1
  widths many_taps;  // any
  /// rows[r] *= factor[r]; rows of 2 slice_lanes.
  void (*scale)(T* rows, const T* factor, index_t n);
};
/// Those of the level in use.
template <class T>
const tile_functions<T>* tile_functions_in_use();
template <>
const tile_functions<float>* tile_functions_in_use<float>();
template <>
const tile_functions<double>* tile_functions_in_use<double>();

}  // namespace ir::detail
