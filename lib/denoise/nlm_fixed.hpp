#pragma once
#include <cstdint>

#include "denoise/nlm_exponential.hpp"
#include "denoise/nlm_rows.hpp"

// Patches of 3, 5 and 7 pixels in float, one sigma, no mask: one pass over each row, with all that
// passes from step to step in registers. Whole vectors only: rows have room for what the last one
// has too much, and accumulators for the pixels beyond the tile.
namespace ir::detail {
namespace {

using nlm_floats = float __attribute__((vector_size(4 * nlm_lanes)));
using nlm_bits = std::int32_t __attribute__((vector_size(4 * nlm_lanes)));
using nlm_memory = float __attribute__((vector_size(4 * nlm_lanes), aligned(4), may_alias));

[[gnu::always_inline]] inline const nlm_memory& nlm_at(const float* p) {
  return *reinterpret_cast<const nlm_memory*>(p);
}
[[gnu::always_inline]] inline nlm_memory& nlm_at(float* p) {
  return *reinterpret_cast<nlm_memory*>(p);
}

// to = lanes By, By + 1, ... of a followed by b.
template <int By>
[[gnu::always_inline]] inline void nlm_later(const nlm_floats& a, const nlm_floats& b,
                                             nlm_floats& to) {
  static_assert(nlm_lanes == 16);
  to =
      __builtin_shufflevector(a, b, By, By + 1, By + 2, By + 3, By + 4, By + 5, By + 6, By + 7,
                              By + 8, By + 9, By + 10, By + 11, By + 12, By + 13, By + 14, By + 15);
}

// s = sums of P neighbours, a and those to its right, which are in b.
template <int P>
[[gnu::always_inline]] inline void nlm_neighbours(const nlm_floats& a, const nlm_floats& b,
                                                  nlm_floats& s) {
  nlm_floats next, two, two_right, other;
  nlm_later<1>(a, b, next);
  two = a + next;
  nlm_later<P - 1>(a, b, other);
  if constexpr (P == 3) {
    s = two + other;
    return;
  }
  nlm_later<1>(b, b, next);
  two_right = b + next;  // but for its last lane, which is not asked for
  nlm_later<2>(two, two_right, next);
  s = two + next;
  if constexpr (P == 7) {
    nlm_later<4>(two, two_right, next);
    s += next;
  }
  s += other;
}

// nlm_exp2 of each lane, limited to its range.
[[gnu::always_inline]] inline void nlm_exp2_of(const nlm_floats& x, nlm_floats& w) {
  const nlm_floats most = {}, least = most + nlm_least_exponent;
  nlm_floats u = x < most ? x : most;
  u = u > least ? u : least;
  const nlm_floats shifted = u + 0x1.8p23F;
  const nlm_floats f = u - (shifted - 0x1.8p23F);
  nlm_floats p = 0.009570102207362652F * f + 0.05591786280274391F;
  p = p * f + 0.240247443318367F;
  p = p * f + 0.6931217908859253F;
  p = p * f + 0.9999992847442627F;
  w = reinterpret_cast<nlm_floats>(reinterpret_cast<nlm_bits>(p) +
                                   (reinterpret_cast<nlm_bits>(shifted) << 23));
}

// Where one row of pairs reads and adds: rows of p and of q = p + shift, from column span.first of
// p on, one after the other for the channels. An end that the tile does not own adds to a row that
// nobody reads.
struct nlm_ends {
  const float *p, *q;    // values, `channel` apart
  float *p_sum, *q_sum;  // `own` apart
  float *p_total, *q_total;
  index_t channel, own;
};

[[gnu::always_inline]] inline nlm_ends nlm_ends_of(const nlm_tile<float>& t, const index_t (&d)[3],
                                                   index_t k, index_t j, index_t first) {
  const auto row = [&](index_t z, index_t y) {
    const bool owned = z >= 0 && z < t.own[0] && y >= 0 && y < t.own[1];
    return owned ? t.own_at(z, y) : t.own_at(t.own[0], 0);
  };
  const index_t p = row(k, j) + first, q = row(k + d[0], j + d[1]) + first + d[2];
  return {t.in + t.at(k, j, first),
          t.in + t.at(k + d[0], j + d[1], first + d[2]),
          t.sum + p,
          t.sum + q,
          t.weight + p,
          t.weight + q,
          t.channel_size(),
          t.own_size()};
}

// Row j enters the rings; `to` is the sum of the last P rows, at column i.
template <int P>
[[gnu::always_inline]] inline void nlm_last_rows(const nlm_ring<float>& ring, index_t j, index_t i,
                                                 const nlm_floats& e, nlm_floats& to) {
  nlm_at(ring.row(0, j) + i) = e;
  const nlm_floats two = e + nlm_at(ring.row(0, j - 1) + i);
  if constexpr (P == 3) {
    to = two + nlm_at(ring.row(0, j - 2) + i);
  } else {
    nlm_at(ring.row(1, j) + i) = two;
    to = two + nlm_at(ring.row(1, j - 2) + i);
    if constexpr (P == 7) to += nlm_at(ring.row(1, j - 4) + i);
    to += nlm_at(ring.row(0, j - P + 1) + i);
  }
}

// Squared differences at column i of rows a and b; Channels 0: they are in row a already.
template <int Channels>
[[gnu::always_inline]] inline void nlm_squares(const float* a, const float* b, index_t channel,
                                               index_t i, nlm_floats& e) {
  if constexpr (Channels == 0) {
    e = nlm_at(a + i);
  } else {
    nlm_floats d = nlm_at(a + i) - nlm_at(b + i);
    e = d * d;
    for (int c = 1; c < Channels; ++c) {
      d = nlm_at(a + c * channel + i) - nlm_at(b + c * channel + i);
      e += d * d;
    }
  }
}

template <int P, int Channels>
[[gnu::always_inline]] inline void nlm_shift_rows(const nlm_tile<float>& t, const index_t (&d)[3]) {
  constexpr index_t r = P / 2;
  const index_t channels = Channels == 0 ? t.channels : Channels;
  const nlm_span span(d[2], t.own[2]);
  const index_t wide = span.count() + 2 * r;
  float* const differences = t.rows;
  const nlm_ring<float> ring{t.rows + 4 * t.row_pitch, nlm_ring_depth(r), t.row_pitch};
  const float offset = 2 * t.falloff;
  const float scale =
      t.falloff / (t.sigma2 * static_cast<float>(channels * (2 * t.reach.patch[0] + 1) * P * P));
  for (index_t k = -d[0]; k < t.own[0]; ++k) {
    if (k < 0 && k + d[0] >= t.own[0]) continue;
    const index_t top = -std::max<index_t>(d[1], 0), end = t.own[1] + std::max<index_t>(-d[1], 0);
    for (index_t j = top - r; j < end + r; ++j) {
      const float* a = t.in + t.at(k, j, span.first - r);
      const float* b = t.in + t.at(k + d[0], j + d[1], span.first - r + d[2]);
      if constexpr (Channels == 0) {
        nlm_difference(t, a - t.in, b - t.in, wide, differences);
        a = differences;
      }
      nlm_floats e, left, right, w;
      if (j < top + r) {  // not yet P rows
        for (index_t i = 0; i < wide; i += nlm_lanes) {
          nlm_squares<Channels>(a, b, t.channel_size(), i, e);
          nlm_last_rows<P>(ring, j, i, e, right);
        }
        continue;
      }
      const nlm_ends to = nlm_ends_of(t, d, k, j - r, span.first);
      nlm_floats u = {};
      // Exponents run one vector ahead of the weights: two short chains at a time instead of a long
      // one, which the processor cannot look past.
      const auto add = [&](index_t i) __attribute__((always_inline)) {
        nlm_exp2_of(u, w);
        nlm_at(to.p_total + i) += w;
        nlm_at(to.q_total + i) += w;
        for (index_t c = 0; c < channels; ++c) {
          nlm_at(to.p_sum + c * to.own + i) += w * nlm_at(to.q + c * to.channel + i);
          nlm_at(to.q_sum + c * to.own + i) += w * nlm_at(to.p + c * to.channel + i);
        }
      };
      nlm_squares<Channels>(a, b, t.channel_size(), 0, e);
      nlm_last_rows<P>(ring, j, 0, e, left);
      index_t i = 0;
      for (; i < span.count(); i += nlm_lanes, left = right) {
        if (i > 0) add(i - nlm_lanes);
        nlm_squares<Channels>(a, b, t.channel_size(), i + nlm_lanes, e);
        nlm_last_rows<P>(ring, j, i + nlm_lanes, e, right);
        nlm_neighbours<P>(left, right, w);
        u = offset - scale * w;
      }
      add(i - nlm_lanes);
    }
  }
}

template <int P>
[[gnu::always_inline]] inline void nlm_shift_fixed(const nlm_tile<float>& t,
                                                   const index_t (&d)[3]) {
  if (t.reach.patch[0] > 0 || (t.channels != 1 && t.channels != 3))
    nlm_shift_rows<P, 0>(t, d);
  else if (t.channels == 1)
    nlm_shift_rows<P, 1>(t, d);
  else
    nlm_shift_rows<P, 3>(t, d);
}

}  // namespace
}  // namespace ir::detail
