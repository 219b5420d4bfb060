#pragma once
#include <algorithm>

#include "denoise/nlm_rows.hpp"
#include "denoise/nlm_vector.hpp"

// Patches of 3, 5 and 7 pixels in float, one sigma, no mask. A block of 8 rows by 128 columns of
// pixels p meets all dx before the next block comes: what it reads and adds to, some 45 KiB, stays
// in the nearest caches. Window sums down the columns live in registers and share the rows
// of the block; there are whole vectors only, rows have room for what the last one has too much.
namespace ir::detail {
namespace {

inline constexpr index_t nlm_block_rows = 8, nlm_block_columns = 128;  // nlm_bench on a Zen 4

// Pixels p of one block: rows [row, row + rows) of plane k, columns [column, column + columns).
struct nlm_block {
  index_t k, row, rows, column, columns;
};

// Where one row of pairs adds, from the block's first column on. An end that the tile does not own
// adds to a row that nobody reads.
struct nlm_ends {
  float *p_sum, *q_sum;  // `own` apart
  float *p_total, *q_total;
  const float *p, *q;  // values, `channel` apart
};

[[gnu::always_inline]] inline nlm_ends nlm_ends_of(const nlm_tile<float>& t, const index_t (&d)[3],
                                                   const nlm_block& b, index_t j) {
  const auto row = [&](index_t z, index_t y) {
    const bool owned = z >= 0 && z < t.own[0] && y >= 0 && y < t.own[1];
    return owned ? t.own_at(z, y) : t.own_at(t.own[0], 0);
  };
  const index_t p = row(b.k, j) + b.column, q = row(b.k + d[0], j + d[1]) + b.column + d[2];
  return {t.sum[0] + p,
          t.sum[1] + q,
          t.weight[0] + p,
          t.weight[1] + q,
          t.in + t.at(b.k, j, b.column),
          t.in + t.at(b.k + d[0], j + d[1], b.column + d[2])};
}

// Squared differences of a vector of p and q; Channels 0: they are at p already. The barrier keeps
// the compiler from fusing the square with one sum here and with another there.
template <int Channels, int Lanes>
[[gnu::always_inline]] inline void nlm_squares(const float* p, const float* q, index_t channel,
                                               nlm_floats<Lanes>& e) {
  if constexpr (Channels == 0) {
    e = nlm_at<Lanes>(p);
  } else {
    nlm_floats<Lanes> d = nlm_at<Lanes>(p) - nlm_at<Lanes>(q);
    e = d * d;
    for (int c = 1; c < Channels; ++c) {
      d = nlm_at<Lanes>(p + c * channel) - nlm_at<Lanes>(q + c * channel);
      e = d * d + e;
    }
    asm("" : "+v"(e));  // __builtin_assoc_barrier takes vectors apart
  }
}

// The window down the columns: sums[row][i] for the block's rows and `wide` columns from the patch
// of its first pixel on.
template <int P, int Channels, int Lanes>
[[gnu::always_inline]] inline void nlm_sum_columns(
    const nlm_tile<float>& t, const index_t (&d)[3], const nlm_block& b, index_t wide,
    float (&sums)[nlm_block_rows][nlm_block_columns + 16]) {
  constexpr index_t r = P / 2, most = nlm_block_rows + 2 * r;
  const index_t p = t.at(b.k, b.row - r, b.column - r);
  const index_t q = t.at(b.k + d[0], b.row - r + d[1], b.column - r + d[2]);
  const float *from_p = t.in + p, *from_q = t.in + q;
  index_t pitch = t.pitch;
  alignas(64) float differences[Channels == 0 ? most : 1][nlm_block_columns + 16];
  if constexpr (Channels == 0) {
    for (index_t j = 0; j < b.rows + 2 * r; ++j)
      nlm_difference(t, p + j * pitch, q + j * pitch, wide, differences[j]);
    from_p = differences[0];
    pitch = nlm_block_columns + 16;
  }
  for (index_t i = 0; i < wide; i += Lanes) {
    nlm_rows_of_3<Lanes> three;
    nlm_rows_of_5<Lanes> five;
    const auto row = [&](index_t j, nlm_floats<Lanes> & sum) __attribute__((always_inline)) {
      nlm_squares<Channels, Lanes>(from_p + j * pitch + i, from_q + j * pitch + i, t.channel_size(),
                                   sum);
      if constexpr (P != 5) three.enter(sum, sum);
      if constexpr (P != 3) five.enter(sum, sum);
    };
    nlm_floats<Lanes> sum;
    for (index_t j = 0; j < 2 * r; ++j) row(j, sum);
    for (index_t j = 0; j < b.rows; ++j) {
      row(j + 2 * r, sum);
      nlm_at<Lanes>(sums[j] + i) = sum;
    }
  }
}

// The window along a row, in place: N vectors of sums, and those behind them, become exponents.
template <int P, int Lanes, int N>
[[gnu::always_inline]] inline void nlm_exponents(float* sums, float offset, float scale) {
  constexpr int behind = (P - 1 + Lanes - 1) / Lanes;
  nlm_floats<Lanes> x[N + behind];
  for (int k = 0; k < N + behind; ++k) x[k] = nlm_at<Lanes>(sums + k * Lanes);
  if constexpr (P != 5) nlm_columns_of_3<N + behind, Lanes>(x);
  if constexpr (P != 3) nlm_columns_of_5<N + behind, Lanes>(x);
  for (int k = 0; k < N; ++k) nlm_at<Lanes>(sums + k * Lanes) = scale * x[k] - offset;
}

// Both ends of a row of pairs take what its weights, 2^-exponent, give them.
template <int Channels, int Lanes>
[[gnu::always_inline]] inline void nlm_add_weights(const nlm_tile<float>& t, const nlm_ends& to,
                                                   const float* exponents, index_t n) {
  const index_t channels = Channels == 0 ? t.channels : Channels;
  for (index_t i = 0; i < n; i += Lanes) {
    nlm_floats<Lanes> w;
    nlm_exp2_of_minus<Lanes>(nlm_at<Lanes>(exponents + i), w);
    nlm_at<Lanes>(to.p_total + i) += w;
    nlm_at<Lanes>(to.q_total + i) += w;
    for (index_t c = 0; c < channels; ++c) {
      const index_t own = c * t.own_size() + i, channel = c * t.channel_size() + i;
      nlm_at<Lanes>(to.p_sum + own) += w * nlm_at<Lanes>(to.q + channel);
      nlm_at<Lanes>(to.q_sum + own) += w * nlm_at<Lanes>(to.p + channel);
    }
  }
}

// Three passes over a block, which stays in the nearest caches: each has many short chains to look
// past, one pass over all would have few long ones.
template <int P, int Channels, int Lanes>
[[gnu::always_inline]] inline void nlm_add_block(const nlm_tile<float>& t, const index_t (&d)[3],
                                                 const nlm_block& b) {
  constexpr int group = Lanes == 16 ? 4 : 2;  // vectors: as many as the registers hold
  const index_t mass = t.channels * nlm_mass(t.reach.patch[0]) * nlm_mass(P / 2) * nlm_mass(P / 2);
  const float offset = 2 * t.falloff, scale = t.falloff / (t.sigma2 * static_cast<float>(mass));
  alignas(64) float sums[nlm_block_rows][nlm_block_columns + 16];
  nlm_sum_columns<P, Channels, Lanes>(t, d, b, b.columns + (P - 1 + Lanes - 1) / Lanes * Lanes,
                                      sums);
  for (index_t j = 0; j < b.rows; ++j) {
    index_t i = 0;
    for (; i + group * Lanes <= b.columns; i += group * Lanes)
      nlm_exponents<P, Lanes, group>(sums[j] + i, offset, scale);
    for (; i < b.columns; i += Lanes) nlm_exponents<P, Lanes, 1>(sums[j] + i, offset, scale);
  }
  for (index_t j = 0; j < b.rows; ++j)
    nlm_add_weights<Channels, Lanes>(t, nlm_ends_of(t, d, b, b.row + j), sums[j], b.columns);
}

// Blocks from left to right, in each dx downwards: every pixel meets its dx in one order as p and
// as q, wherever blocks begin.
template <int P, int Channels, int Lanes>
[[gnu::always_inline]] inline void nlm_add_rows(const nlm_tile<float>& t, const nlm_shifts& s) {
  const auto whole = [](index_t n) { return (n + nlm_lanes - 1) / nlm_lanes * nlm_lanes; };
  const index_t most = t.reach.search[2], least = s.least_dx(t.reach);
  const index_t top = -std::max<index_t>(s.dy, 0), end = t.own[1] + std::max<index_t>(-s.dy, 0);
  for (index_t k = -s.dz; k < t.own[0]; ++k) {
    if (k < 0 && k + s.dz >= t.own[0]) continue;
    for (index_t j = top; j < end; j += nlm_block_rows) {
      const index_t rows = std::min(nlm_block_rows, end - j);
      const index_t last = whole(t.own[2] + most);
      for (index_t i = -whole(most), next; i < last; i = next) {
        // Left of the tile and right of it are fewer shifts: blocks end there.
        next = std::min(i < 0                 ? 0
                        : i < whole(t.own[2]) ? whole(t.own[2])
                                              : last,
                        i + nlm_block_columns);
        for (index_t dx = most; dx >= least; --dx) {
          const nlm_span span(dx, t.own[2]);
          if (i < span.last && span.first < next)
            nlm_add_block<P, Channels, Lanes>(t, {s.dz, s.dy, dx}, {k, j, rows, i, next - i});
        }
      }
    }
  }
}

template <int P, int Lanes>
[[gnu::always_inline]] inline void nlm_add_fixed(const nlm_tile<float>& t, const nlm_shifts& s) {
  if (t.reach.patch[0] > 0 || (t.channels != 1 && t.channels != 3))
    nlm_add_rows<P, 0, Lanes>(t, s);
  else if (t.channels == 1)
    nlm_add_rows<P, 1, Lanes>(t, s);
  else
    nlm_add_rows<P, 3, Lanes>(t, s);
}

}  // namespace
}  // namespace ir::detail
