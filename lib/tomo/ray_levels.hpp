#pragma once
#include <algorithm>

#include "core/isa.hpp"
#include "tomo/ray_functions.hpp"
#include "tomo/tile_simd.hpp"

// Included by one file for each precision, which are compiled with -ffp-contract=fast.
namespace ir::detail {
namespace {

inline constexpr int rows_of_tile = static_cast<int>(tile_size);

/// What a bin takes of each row of a tile: three pixels at most.
template <class T>
struct bin_taps {
  using integer = typename simd<T, 64>::integer;
  alignas(64) integer offset[rows_of_tile];  // of the first pixel, in values
  alignas(64) T weight[3][rows_of_tile];
};

template <class T, int Bytes, int Slices>
[[gnu::always_inline]] inline void find_pixels(const tile_rays<T>& v, T start, bin_taps<T>& taps) {
  using S = simd<T, Bytes>;
  using reals = typename S::reals;
  using integer = typename S::integer;
  const reals zero{}, one = T(1) - zero, end = T(rows_of_tile) - zero;
  const auto row_step = static_cast<integer>(v.row_step * Slices);
  const auto pixel_step = static_cast<integer>(v.pixel_step * Slices);
#pragma GCC unroll 16
  for (int r = 0; r < rows_of_tile; r += S::lanes) {
    const reals begin = start + v.per_row * columns_from<T, Bytes>(r);
    reals low = begin < zero ? zero : begin;
    low = low > end ? end : low;
    reals high = begin + v.width;
    high = high > end ? end : high;
    auto k = __builtin_convertvector(low, typename S::integers);
    k = k > rows_of_tile - 1 ? rows_of_tile - 1 - typename S::integers{} : k;
    const reals from = low - __builtin_convertvector(k, reals);
    const reals to = high - __builtin_convertvector(k, reals);
    reals w = (to < one ? to : one) - from;
    S::store(taps.weight[0] + r, w > zero ? w : zero);
    w = to - one;
    w = w < one ? w : one;
    S::store(taps.weight[1] + r, w > zero ? w : zero);
    w = to - (one + one);
    S::store(taps.weight[2] + r, w > zero ? w : zero);
    typename S::integers row;
    for (int i = 0; i < S::lanes; ++i) row[i] = integer{r} + i;
    const typename S::integers offset = k * pixel_step + row * row_step;
    std::memcpy(taps.offset + r, &offset, Bytes);
  }
}

/// The rows of a tile that a bin may meet.
struct row_range {
  int begin, end;
};
template <class T>
[[gnu::always_inline]] inline row_range rows_met(const tile_rays<T>& v, T start, T per_pixel) {
  const T a = (-v.width - start) * per_pixel, b = (T(rows_of_tile) - start) * per_pixel;
  const T low = std::clamp(std::min(a, b), T(0), T(rows_of_tile));
  const T high = std::clamp(std::max(a, b) + 1, T(0), T(rows_of_tile));
  return {static_cast<int>(low), static_cast<int>(high)};
}
template <class T>
[[gnu::always_inline]] inline T rows_per_pixel(const tile_rays<T>& v) {
  const bool level = v.per_row < T(1e-20) && v.per_row > T(-1e-20);
  return level ? T(1e20) : 1 / v.per_row;
}

/// What a bin takes of all rows of a tile.
template <class T, int Bytes, int Slices>
[[gnu::always_inline]] inline void add_bin(const T* tile, index_t step, const row_range& rows,
                                           const bin_taps<T>& taps, T* to) {
  using S = simd<T, Bytes>;
  constexpr int vectors = Slices / S::lanes;
  typename S::reals sum[3][vectors] = {};  // of each tap: shorter chains of additions
  for (int r = rows.begin; r < rows.end; ++r) {
    const T* const at = tile + taps.offset[r];
#pragma GCC unroll 3
    for (int m = 0; m < 3; ++m) {
      const typename S::reals weight = taps.weight[m][r] - typename S::reals{};
#pragma GCC unroll 16
      for (int i = 0; i < vectors; ++i)
        sum[m][i] = sum[m][i] + weight * S::load(at + m * step + i * S::lanes);
    }
  }
  for (int i = 0; i < vectors; ++i)
    S::store(to + i * S::lanes, S::load(to + i * S::lanes) + (sum[0][i] + sum[1][i] + sum[2][i]));
}

template <class T, int Bytes, int Slices>
[[gnu::always_inline]] inline void add_bins(const T* tile, const tile_rays<T>* view,
                                            index_t views) {
  constexpr int chunk = 16;  // places are found well before they are read: 1.15 times the speed
  bin_taps<T> taps[chunk];
  row_range rows[chunk];
  for (index_t c = 0; c < views; ++c) {
    const tile_rays<T> v = view[c];
    const T per_pixel = rows_per_pixel(v);
    for (index_t first = 0; first < v.bins; first += chunk) {
      const int n = static_cast<int>(std::min<index_t>(chunk, v.bins - first));
      for (int bin = 0; bin < n; ++bin) {
        const T start = v.start + v.per_bin * static_cast<T>(first + bin);
        rows[bin] = rows_met(v, start, per_pixel);
        find_pixels<T, Bytes, Slices>(v, start, taps[bin]);
      }
      for (int bin = 0; bin < n; ++bin)
        add_bin<T, Bytes, Slices>(tile, v.pixel_step * Slices, rows[bin], taps[bin],
                                  v.sums + (first + bin) * Slices);
    }
  }
}

/// As many pixels as a bin is wide.
template <class T, int Slices>
[[gnu::always_inline]] inline void add_many(const T* tile, const tile_rays<T>* view,
                                            index_t views) {
  for (index_t c = 0; c < views; ++c) {
    const tile_rays<T> v = view[c];
    const T per_pixel = rows_per_pixel(v);
    for (index_t bin = 0; bin < v.bins; ++bin) {
      const T start = v.start + v.per_bin * static_cast<T>(bin);
      const row_range rows = rows_met(v, start, per_pixel);
      T* const sum = v.sums + bin * Slices;
      for (int r = rows.begin; r < rows.end; ++r) {
        const T begin = start + v.per_row * static_cast<T>(r);
        const T high = std::min(begin + v.width, T(rows_of_tile));
        T low = std::max(begin, T(0));
        for (int k = static_cast<int>(low); low < high; ++k) {
          const T next = static_cast<T>(k + 1);
          const T weight = std::min(high, next) - low;
          const T* const at = tile + (r * v.row_step + k * v.pixel_step) * Slices;
          for (int i = 0; i < Slices; ++i) sum[i] = sum[i] + weight * at[i];
          low = next;
        }
      }
    }
  }
}

/// A register of neighbouring bins meets at most twice as many pixels of a row, which two loads
/// fetch and permutations hand out.
template <class T, int Bytes>
[[gnu::always_inline]] inline void sum_bins(const strip_rays<T>& v, double start, T* sums) {
  using S = simd<T, Bytes>;
  using reals = typename S::reals;
  const reals zero{}, one = T(1) - zero;
  const reals offset = v.per_bin * columns_from<T, Bytes>(0);
  const double before = std::min(0.0, static_cast<double>(offset[S::lanes - 1]));
  reals sum[3] = {};
  constexpr double margin = static_cast<double>(strip_margin);
  const T* row = v.first - strip_margin;
  const reals from_first = offset - static_cast<T>(before);
  for (index_t r = 0; r < v.rows; ++r, row += v.pitch) {
    const double at = start + before + v.per_row * static_cast<double>(r);
    const auto base = static_cast<index_t>(at + margin);
    const reals t = from_first + static_cast<T>(at - static_cast<double>(base - strip_margin));
    const auto k = __builtin_convertvector(t, typename S::integers);
    const reals from = t - __builtin_convertvector(k, reals), to = from + v.width;
    const reals near = S::load(row + base), far = S::load(row + base + S::lanes);
    const reals first = (to < one ? to : one) - from;
    reals second = to - one;
    second = second < one ? second : one;
    second = second > zero ? second : zero;
    reals third = to - (one + one);
    third = third > zero ? third : zero;
    sum[0] = sum[0] + first * S::picked(near, far, k);
    sum[1] = sum[1] + second * S::picked(near, far, k + 1);
    sum[2] = sum[2] + third * S::picked(near, far, k + 2);
  }
  S::store(sums, sum[0] + sum[1] + sum[2]);
}

template <class T, int Bytes>
[[gnu::always_inline]] inline void sum_strip(const strip_rays<T>& v, T* sums) {
  constexpr int lanes = simd<T, Bytes>::lanes;
  for (int bin = 0; bin < static_cast<int>(strip_bins); bin += lanes)
    sum_bins<T, Bytes>(v, v.start + static_cast<double>(v.per_bin) * bin, sums + bin);
}

/// The last bin of a register and two pixels behind its first lie in two registers of pixels.
template <int Lanes>
inline constexpr double widest_in_strip = (2.0 * Lanes - 3) / (Lanes - 1) - 1e-3;

template <class T>
struct base_rays {
  template <int Slices>
  [[gnu::flatten]] static void add(const T* t, const tile_rays<T>* v, index_t n) {
    add_bins<T, 16, Slices>(t, v, n);
  }
  template <int Slices>
  [[gnu::flatten]] static void add_wide_bins(const T* t, const tile_rays<T>* v, index_t n) {
    add_many<T, Slices>(t, v, n);
  }
  static constexpr void (*strip)(const strip_rays<T>&, T*) = nullptr;
  static constexpr double strip_width = 0;
};

#if IR_ISA_LEVELS > 1
#define IR_RAYS_V3 gnu::flatten, gnu::target("arch=x86-64-v3")
template <class T>
struct v3_rays {
  template <int Slices>
  [[IR_RAYS_V3]] static void add(const T* t, const tile_rays<T>* v, index_t n) {
    add_bins<T, 32, Slices>(t, v, n);
  }
  template <int Slices>
  [[IR_RAYS_V3]] static void add_wide_bins(const T* t, const tile_rays<T>* v, index_t n) {
    add_many<T, Slices>(t, v, n);
  }
  [[IR_RAYS_V3]] static void strip(const strip_rays<T>& v, T* s) { sum_strip<T, 32>(v, s); }
  static constexpr double strip_width = widest_in_strip<32 / static_cast<int>(sizeof(T))>;
};
#undef IR_RAYS_V3

#define IR_RAYS_V4 gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")
template <class T>
struct v4_rays {
  template <int Slices>
  [[IR_RAYS_V4]] static void add(const T* t, const tile_rays<T>* v, index_t n) {
    add_bins<T, 64, Slices>(t, v, n);
  }
  template <int Slices>
  [[IR_RAYS_V4]] static void add_wide_bins(const T* t, const tile_rays<T>* v, index_t n) {
    add_many<T, Slices>(t, v, n);
  }
  [[IR_RAYS_V4]] static void strip(const strip_rays<T>& v, T* s) { sum_strip<T, 64>(v, s); }
  static constexpr double strip_width = widest_in_strip<64 / static_cast<int>(sizeof(T))>;
};
#undef IR_RAYS_V4
#endif

template <class T, template <class> class Level>
const ray_functions<T>* rays_of() {
  using L = Level<T>;
  constexpr int lanes = static_cast<int>(slice_lanes<T>);
  static constexpr ray_functions<T> table{
      &L::template add<2 * lanes>,           &L::template add<lanes>,
      &L::template add_wide_bins<2 * lanes>, &L::template add_wide_bins<lanes>,
      &L::template add_wide_bins<1>,         L::strip,
      static_cast<T>(L::strip_width)};
  return &table;
}

template <class T>
const ray_functions<T>* rays_in_use() {
#if IR_ISA_LEVELS > 1
  if (isa_level() == isa::v4) return rays_of<T, v4_rays>();
  if (isa_level() == isa::v3) return rays_of<T, v3_rays>();
#endif
  return rays_of<T, base_rays>();
}

}  // namespace
}  // namespace ir::detail
