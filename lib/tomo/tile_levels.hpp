#pragma once
#include <algorithm>
#include <cstring>

#include "core/isa.hpp"
#include "tomo/tile_functions.hpp"
#include "tomo/tile_simd.hpp"

// Included by one file for each precision, which are compiled with -ffp-contract=fast: every
// product here has one sum to be fused with, so all functions of a level round alike.
namespace ir::detail {
namespace {

inline constexpr int pixels = static_cast<int>(tile_size);
inline constexpr int view_chunk = 8;  // whose samples and sums of half a tile stay in the L1 cache
inline constexpr int rows_at_once = 8;

/// What a pixel covers: width 1, at most 1, any.
enum class cover : std::uint8_t { linear, two, many };

/// Where the pixels of a row meet a view.
template <class T>
struct row_taps {
  using integer = typename simd<T, 64>::integer;
  alignas(64) integer offset[pixels];  // of the first tap, in values
  alignas(64) T right[pixels];         // weight of the second
};

/// Of the second of two taps; `w` is where the pixel begins in the first.
template <cover How, class T, class Reals>
[[gnu::always_inline]] inline Reals right_of(Reals w, T width) {
  if constexpr (How == cover::linear) return w;
  const Reals beyond = w + (width - 1);
  return beyond > T(0) ? beyond : Reals{};
}

template <class T, int Bytes, int Slices, cover How>
[[gnu::always_inline]] inline void find_taps(const tile_view<T>& v, T y, row_taps<T>& taps) {
  using S = simd<T, Bytes>;
  const T start = v.s + v.dy * y;
  const typename S::reals low = v.low - typename S::reals{}, high = v.high - typename S::reals{};
#pragma GCC unroll 16
  for (int x = 0; x < pixels; x += S::lanes) {
    typename S::reals t = start + v.dx * columns_from<T, Bytes>(x);
    t = t < low ? low : t;
    t = t > high ? high : t;
    const auto k = __builtin_convertvector(t, typename S::integers);
    const typename S::integers offset = k * Slices;
    std::memcpy(taps.offset + x, &offset, Bytes);
    S::store(taps.right + x,
             right_of<How>(t - __builtin_convertvector(k, typename S::reals), v.width));
  }
}

/// `Pixels` neighbours of a row, a few registers of slices each: their sums stay in registers
/// over the views of a chunk.
template <class T, int Bytes, int Slices, cover How, int Pixels>
[[gnu::always_inline]] inline void add_pixels(const tile_view<T>* view, int views,
                                              const row_taps<T>* taps, int first, T* sums) {
  using S = simd<T, Bytes>;
  constexpr int vectors = Slices / S::lanes;
  typename S::reals sum[Pixels][vectors];
  for (int p = 0; p < Pixels; ++p)
    for (int v = 0; v < vectors; ++v) sum[p][v] = S::load(sums + p * Slices + v * S::lanes);
  for (int c = 0; c < views; ++c) {
    const T* const samples = view[c].samples;
    const T width = How == cover::linear ? T(1) : view[c].width;
#pragma GCC unroll 16
    for (int p = 0; p < Pixels; ++p) {
      const T* const at = samples + taps[c].offset[first + p];
      const typename S::reals right = taps[c].right[first + p] - typename S::reals{};
      const typename S::reals left = width - right;
#pragma GCC unroll 16
      for (int v = 0; v < vectors; ++v) {
        sum[p][v] = sum[p][v] + left * S::load(at + v * S::lanes);
        sum[p][v] = sum[p][v] + right * S::load(at + Slices + v * S::lanes);
      }
    }
  }
  for (int p = 0; p < Pixels; ++p)
    for (int v = 0; v < vectors; ++v) S::store(sums + p * Slices + v * S::lanes, sum[p][v]);
}

template <class T, int Bytes, int Slices, cover How>
[[gnu::always_inline]] inline void sum_slices(const tile_view<T>* view, index_t views, T* sums) {
  constexpr int vectors = Slices / simd<T, Bytes>::lanes;
  constexpr int together = Bytes == 64 ? 16 / vectors : std::max(1, 8 / vectors);
  for (int half = 0; half < pixels; half += rows_at_once)
    for (index_t begin = 0; begin < views; begin += view_chunk) {
      const int n = static_cast<int>(std::min<index_t>(view_chunk, views - begin));
      for (int y = half; y < half + rows_at_once; ++y) {
        row_taps<T> taps[view_chunk];
        for (int c = 0; c < n; ++c)
          find_taps<T, Bytes, Slices, How>(view[begin + c], static_cast<T>(y), taps[c]);
        for (int x = 0; x < pixels; x += together)
          add_pixels<T, Bytes, Slices, How, together>(view + begin, n, taps, x,
                                                      sums + (y * pixels + x) * Slices);
      }
    }
}

/// One slice: a register of neighbouring pixels meets at most twice as many samples, which two
/// loads fetch and a permutation hands out. Needs |dx| <= 1.
template <class T, int Bytes, cover How, int Rows>
[[gnu::always_inline]] inline void sum_strip(const tile_view<T>* view, index_t views, int y, int x,
                                             T* sums) {
  using S = simd<T, Bytes>;
  const typename S::reals column = columns_from<T, Bytes>(x);
  typename S::reals sum[Rows];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) sum[r] = S::load(sums + (y + r) * pixels + x);
  for (index_t c = 0; c < views; ++c) {
    const tile_view<T> v = view[c];
    const typename S::reals low = v.low - typename S::reals{}, high = v.high - typename S::reals{};
    const T width = How == cover::linear ? T(1) : v.width;
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const T start = v.s + v.dy * static_cast<T>(y + r);
      typename S::reals t = start + v.dx * column;
      t = t < low ? low : t;
      t = t > high ? high : t;
      const auto k = __builtin_convertvector(t, typename S::integers);
      const typename S::reals right =
          right_of<How>(t - __builtin_convertvector(k, typename S::reals), width);
      const auto base = std::min(k[0], k[S::lanes - 1]);
      const auto near = S::load(v.samples + base), far = S::load(v.samples + base + S::lanes);
      const typename S::integers at = k - base;
      sum[r] = sum[r] + (width - right) * S::picked(near, far, at);
      sum[r] = sum[r] + right * S::picked(near, far, at + 1);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) S::store(sums + (y + r) * pixels + x, sum[r]);
}

/// One slice without permutations.
template <class T, cover How>
[[gnu::always_inline]] inline void sum_plain(const tile_view<T>* view, index_t views, T* sums) {
  for (index_t c = 0; c < views; ++c)
    for (int y = 0; y < pixels; ++y) {
      row_taps<T> taps;
      find_taps<T, 16, 1, How>(view[c], static_cast<T>(y), taps);
      for (int x = 0; x < pixels; ++x) {
        T& sum = sums[y * pixels + x];
        const T* const at = view[c].samples + taps.offset[x];
        sum = sum + ((How == cover::linear ? T(1) : view[c].width) - taps.right[x]) * at[0];
        sum = sum + taps.right[x] * at[1];
      }
    }
}

template <class T, int Bytes, cover How>
[[gnu::always_inline]] inline void sum_single(const tile_view<T>* view, index_t views, T* sums) {
  constexpr int rows = Bytes == 64 ? 8 : 4;
  const bool wide =
      std::any_of(view, view + views, [](const tile_view<T>& v) { return v.dx > 1 || v.dx < -1; });
  if (Bytes == 16 || wide) return sum_plain<T, How>(view, views, sums);
  for (int y = 0; y < pixels; y += rows)
    for (int x = 0; x < pixels; x += simd<T, Bytes>::lanes)
      sum_strip<T, Bytes, How, rows>(view, views, y, x, sums);
}

/// As many taps as the widest view needs.
template <class T, int Slices>
[[gnu::always_inline]] inline void sum_many(const tile_view<T>* view, index_t views, T* sums) {
  for (index_t c = 0; c < views; ++c) {
    const tile_view<T> v = view[c];
    for (int y = 0; y < pixels; ++y)
      for (int x = 0; x < pixels; ++x) {
        const T t =
            std::clamp(v.s + v.dy * static_cast<T>(y) + v.dx * static_cast<T>(x), v.low, v.high);
        const int k = static_cast<int>(t);
        const T start = t - static_cast<T>(k), end = start + v.width;
        T* const sum = sums + (y * pixels + x) * Slices;
        const T* at = v.samples + k * Slices;
        T weight = std::min(T(1), end) - start;
        for (T from = 1; weight > 0; from += 1, at += Slices) {
          for (int i = 0; i < Slices; ++i) sum[i] = sum[i] + weight * at[i];
          weight = std::min(T(1), end - from);
        }
      }
  }
}

template <class T, int Bytes, int Slices, cover How>
[[gnu::always_inline]] inline void sum_tile(const tile_view<T>* view, index_t views, T* sums) {
  if constexpr (How == cover::many)
    sum_many<T, Slices>(view, views, sums);
  else if constexpr (Slices == 1)
    sum_single<T, Bytes, How>(view, views, sums);
  else
    sum_slices<T, Bytes, Slices, How>(view, views, sums);
}

template <class T>
[[gnu::always_inline]] inline void scale_rows(T* rows, const T* factor, index_t n) {
  constexpr index_t width = 2 * slice_lanes<T>;
  for (index_t r = 0; r < n; ++r)
    for (index_t i = 0; i < width; ++i) rows[r * width + i] *= factor[r];
}

template <class T>
struct base_tile {
  template <int Slices, cover How>
  [[gnu::flatten]] static void sum(const tile_view<T>* v, index_t n, T* s) {
    sum_tile<T, 16, Slices, How>(v, n, s);
  }
  [[gnu::flatten]] static void scale(T* r, const T* f, index_t n) { scale_rows(r, f, n); }
};

#if IR_ISA_LEVELS > 1
#define IR_TILE_V3 gnu::flatten, gnu::target("arch=x86-64-v3")
template <class T>
struct v3_tile {
  template <int Slices, cover How>
  [[IR_TILE_V3]] static void sum(const tile_view<T>* v, index_t n, T* s) {
    sum_tile<T, 32, Slices, How>(v, n, s);
  }
  [[IR_TILE_V3]] static void scale(T* r, const T* f, index_t n) { scale_rows(r, f, n); }
};
#undef IR_TILE_V3

#define IR_TILE_V4 gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")
template <class T>
struct v4_tile {
  template <int Slices, cover How>
  [[IR_TILE_V4]] static void sum(const tile_view<T>* v, index_t n, T* s) {
    sum_tile<T, 64, Slices, How>(v, n, s);
  }
  [[IR_TILE_V4]] static void scale(T* r, const T* f, index_t n) { scale_rows(r, f, n); }
};
#undef IR_TILE_V4
#endif

template <class T, class Level, cover How>
constexpr typename tile_functions<T>::widths sums_of() {
  constexpr int lanes = static_cast<int>(slice_lanes<T>);
  return {&Level::template sum<2 * lanes, How>, &Level::template sum<lanes, How>,
          &Level::template sum<1, How>};
}
template <class T, template <class> class Level>
const tile_functions<T>* tiles_of() {
  using L = Level<T>;
  static constexpr tile_functions<T> table{sums_of<T, L, cover::linear>(),
                                           sums_of<T, L, cover::two>(),
                                           sums_of<T, L, cover::many>(), &L::scale};
  return &table;
}

template <class T>
const tile_functions<T>* tiles_in_use() {
#if IR_ISA_LEVELS > 1
  if (isa_level() == isa::v4) return tiles_of<T, v4_tile>();
  if (isa_level() == isa::v3) return tiles_of<T, v3_tile>();
#endif
  return tiles_of<T, base_tile>();
}

}  // namespace
}  // namespace ir::detail
