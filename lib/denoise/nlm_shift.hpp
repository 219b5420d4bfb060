#pragma once
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "denoise/nlm_exponential.hpp"
#include "denoise/nlm_fixed.hpp"
#include "denoise/nlm_rows.hpp"

// The inner loops, included by nlm_levels.cpp alone, which compiles them for each level.
namespace ir::detail {
namespace {

// Both ends of the pairs of one row take what the weights give them. p is row (k, j) of the tile,
// q row (k + shift). w[i - span.first] belongs to column i of p.
template <class T, bool Fused>
[[gnu::always_inline]] inline void nlm_accumulate(const nlm_tile<T>& t, const index_t (&d)[3],
                                                  index_t k, index_t j, const T* w) {
  const nlm_span span(d[2], t.own[2]);
  const index_t n = t.own[2];
  const auto add = [&](int end, index_t own, const T* __restrict weights, index_t from) {
    T* __restrict total = t.weight[end] + own;
    if (t.valid == nullptr) {
      for (index_t i = 0; i < n; ++i) total[i] += weights[i];
    } else {  // what is not valid has no weight; its value is 0
      const T* __restrict valid = t.valid + from;
      for (index_t i = 0; i < n; ++i) total[i] += weights[i] * valid[i];
    }
    for (index_t c = 0; c < t.channels; ++c) {
      T* __restrict sum = t.sum[end] + c * t.own_size() + own;
      const T* __restrict value = t.in + c * t.channel_size() + from;
      for (index_t i = 0; i < n; ++i)
        if constexpr (Fused && std::is_same_v<T, float>)
          sum[i] = __builtin_fmaf(weights[i], value[i], sum[i]);
        else
          sum[i] += weights[i] * value[i];
    }
  };
  const auto owned = [&](index_t z, index_t y) {
    return z >= 0 && z < t.own[0] && y >= 0 && y < t.own[1];
  };
  if (owned(k, j)) add(0, t.own_at(k, j), w - span.first, t.at(k + d[0], j + d[1], d[2]));
  if (owned(k + d[0], j + d[1]))
    add(1, t.own_at(k + d[0], j + d[1]), w - d[2] - span.first, t.at(k, j, -d[2]));
}

// The weight of the pairs of valid pixels: planes of a patch, all channels.
template <class T>
[[gnu::always_inline]] inline void nlm_pairs(const nlm_tile<T>& t, index_t p, index_t q, index_t n,
                                             T* __restrict e) {
  const index_t plane = t.rows_of(1) * t.pitch;
  const index_t r = t.reach.patch[0];
  std::fill(e, e + n, T(0));
  for (index_t z = -r; z <= r; ++z) {
    const T weight = static_cast<T>(t.channels * nlm_weight_at(z, r));
    const T* __restrict va = t.valid + z * plane + p;
    const T* __restrict vb = t.valid + z * plane + q;
    for (index_t i = 0; i < n; ++i) e[i] += weight * va[i] * vb[i];
  }
}

// to[i] = sum of the last `width` rows, the newest of which is in row (0, j) of the ring.
template <class T>
[[gnu::always_inline]] inline void nlm_vertical(const nlm_ring<T>& ring, index_t j, index_t width,
                                                index_t n, T* __restrict to) {
  std::fill(to, to + n, T(0));
  index_t taken = 0;
  for (index_t level = 0, rows = 1; rows <= width; ++level, rows *= 2) {
    if ((width & rows) != 0) {
      const T* __restrict part = ring.row(level, j - taken);
      for (index_t i = 0; i < n; ++i) to[i] += part[i];
      taken += rows;
    }
    if (2 * rows > width) break;
    const T* __restrict now = ring.row(level, j);
    const T* __restrict before = ring.row(level, j - rows);
    T* __restrict both = ring.row(level + 1, j);
    for (index_t i = 0; i < n; ++i) both[i] = now[i] + before[i];
  }
}

// to[i] = from[i] + ... + from[i + width - 1] for i < n; `from` is destroyed.
template <class T>
[[gnu::always_inline]] inline void nlm_horizontal(T* from, index_t width, index_t n,
                                                  T* __restrict to) {
  std::fill(to, to + n, T(0));
  index_t taken = 0, length = n + width - 1;
  for (index_t columns = 1; columns <= width; columns *= 2) {
    if ((width & columns) != 0) {
      for (index_t i = 0; i < n; ++i) to[i] += from[i + taken];
      taken += columns;
    }
    if (2 * columns > width) break;
    length -= columns;
#pragma GCC ivdep
    for (index_t i = 0; i < length; ++i) from[i] += from[i + columns];
  }
}

// The window's two boxes over rows: to = the weighted sum of the last 2 radius + 1 rows, the newest
// of which `newest` writes. There are two rings, of `size` rows each.
template <class T, class Newest>
[[gnu::always_inline]] inline void nlm_window_rows(const nlm_ring<T>& ring, index_t size, index_t j,
                                                   index_t radius, index_t n, T* __restrict to,
                                                   const Newest& newest) {
  const index_t ramp = nlm_ramp(radius);
  const nlm_ring<T> second{ring.first + size * ring.pitch, ring.depth, ring.pitch};
  if (ramp == 1) {
    newest(second.row(0, j));
  } else {
    newest(ring.row(0, j));
    nlm_vertical(ring, j, ramp, n, second.row(0, j));
  }
  nlm_vertical(second, j, 2 * radius + 2 - ramp, n, to);
}

// The same along a row: `from`, of n + 2 radius values, and `between` are destroyed.
template <class T>
[[gnu::always_inline]] inline void nlm_window_columns(T* from, index_t radius, index_t n,
                                                      T* between, T* __restrict to) {
  const index_t ramp = nlm_ramp(radius), second = 2 * radius + 2 - ramp;
  if (ramp == 1) return nlm_horizontal(from, second, n, to);
  nlm_horizontal(from, ramp, n + second - 1, between);
  nlm_horizontal(between, second, n, to);
}

template <class T, bool Fused>
[[gnu::always_inline]] inline T nlm_power(T u) {
  u = std::max(std::min(u, T(0)), T(nlm_least_exponent));
  if constexpr (std::is_same_v<T, float>)
    return nlm_exp2<Fused>(u);
  else
    return std::exp2(u);
}

// Sums of squared differences over patches become weights; `pairs`: how many each is made of.
template <class T, bool Fused>
[[gnu::always_inline]] inline void nlm_weights(const nlm_tile<T>& t, index_t p, index_t q,
                                               index_t n, const T* __restrict pairs,
                                               T* __restrict w) {
  const T falloff = t.falloff;
  if (t.variance == nullptr) {
    const T sigma2 = t.sigma2, scale = falloff / sigma2;
    for (index_t i = 0; i < n; ++i)
      w[i] = nlm_power<T, Fused>((2 * sigma2 - w[i] / std::max(pairs[i], T(1))) * scale);
  } else {
    const T* __restrict sp = t.variance + p;
    const T* __restrict sq = t.variance + q;
    for (index_t i = 0; i < n; ++i) {
      // An end that is not valid has variance 0 and takes the other's; two have no weight.
      const T sum = sp[i] + sq[i];
      const T known = sp[i] > T(0) && sq[i] > T(0) ? sum : 2 * sum;
      const T both = known > T(0) ? known : T(1);
      w[i] = nlm_power<T, Fused>((both - w[i] / std::max(pairs[i], T(1))) * (2 * falloff / both));
    }
  }
  if (t.valid != nullptr)
    for (index_t i = 0; i < n; ++i) w[i] = pairs[i] > T(0) ? w[i] : T(0);
}

// One shift for any patch, mask, map; float or double.
template <class T, bool Fused>
[[gnu::always_inline]] inline void nlm_add_any(const nlm_tile<T>& t, const index_t (&d)[3]) {
  const index_t ry = t.reach.patch[1], rx = t.reach.patch[2];
  const nlm_span span(d[2], t.own[2]);
  const index_t n = span.count(), wide = n + 2 * rx;
  T* const line = t.rows;
  T* const w = line + t.row_pitch;
  T* const pair_line = w + t.row_pitch;
  T* const pairs = pair_line + t.row_pitch;
  T* const between = pairs + t.row_pitch;
  const index_t depth = nlm_ring_depth(ry), size = depth * nlm_levels(ry);
  const nlm_ring<T> distances{between + t.row_pitch, depth, t.row_pitch};
  const nlm_ring<T> counts{distances.first + 2 * size * t.row_pitch, depth, t.row_pitch};
  if (t.valid == nullptr)
    std::fill(
        pairs, pairs + n,
        static_cast<T>(t.channels * nlm_mass(t.reach.patch[0]) * nlm_mass(ry) * nlm_mass(rx)));
  for (index_t k = -d[0]; k < t.own[0]; ++k) {
    if (k < 0 && k + d[0] >= t.own[0]) continue;
    const index_t top = -std::max<index_t>(d[1], 0), end = t.own[1] + std::max<index_t>(-d[1], 0);
    for (index_t j = top - ry; j < end + ry; ++j) {
      const index_t p = t.at(k, j, span.first - rx);
      const index_t q = t.at(k + d[0], j + d[1], span.first - rx + d[2]);
      nlm_window_rows(distances, size, j, ry, wide, line,
                      [&](T* e) { nlm_difference(t, p, q, wide, e); });
      if (t.valid != nullptr)
        nlm_window_rows(counts, size, j, ry, wide, pair_line,
                        [&](T* e) { nlm_pairs(t, p, q, wide, e); });
      if (j < top + ry) continue;
      nlm_window_columns(line, rx, n, between, w);
      if (t.valid != nullptr) nlm_window_columns(pair_line, rx, n, between, pairs);
      nlm_weights<T, Fused>(t, t.at(k, j - ry, span.first),
                            t.at(k + d[0], j - ry + d[1], span.first + d[2]), n, pairs, w);
      nlm_accumulate<T, Fused>(t, d, k, j - ry, w);
    }
  }
}

template <class T, bool Fused, int Lanes>
[[gnu::always_inline]] inline void nlm_add(const nlm_tile<T>& t, const nlm_shifts& s) {
  if constexpr (std::is_same_v<T, float>)
    if (t.valid == nullptr && t.variance == nullptr && t.reach.patch[1] == t.reach.patch[2])
      switch (t.reach.patch[2]) {
        case 1:
          return nlm_add_fixed<3, Lanes>(t, s);
        case 2:
          return nlm_add_fixed<5, Lanes>(t, s);
        case 3:
          return nlm_add_fixed<7, Lanes>(t, s);
        default:
          break;
      }
  for (index_t dx = t.reach.search[2]; dx >= s.least_dx(t.reach); --dx)
    nlm_add_any<T, Fused>(t, {s.dz, s.dy, dx});
}

}  // namespace
}  // namespace ir::detail
