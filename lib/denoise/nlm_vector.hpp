#pragma once
#include <bit>
#include <cstdint>
#include <utility>

#include "denoise/nlm_exponential.hpp"

// Vectors of Lanes floats for nlm_fixed.hpp: 4, 8 or 16, what the level has in one register.
// Passed by reference: by value their calling convention would depend on the level.
namespace ir::detail {
namespace {

template <int Lanes>
struct nlm_vector {
  // typedef: g++ drops the attribute of an alias that depends on a template's argument.
  typedef float floats __attribute__((vector_size(4 * Lanes)));
  typedef std::int32_t bits __attribute__((vector_size(4 * Lanes)));
  typedef float memory __attribute__((vector_size(4 * Lanes), aligned(4), may_alias));
};
template <int Lanes>
using nlm_floats = typename nlm_vector<Lanes>::floats;

template <int Lanes>
[[gnu::always_inline]] inline const typename nlm_vector<Lanes>::memory& nlm_at(const float* p) {
  return *reinterpret_cast<const typename nlm_vector<Lanes>::memory*>(p);
}
template <int Lanes>
[[gnu::always_inline]] inline typename nlm_vector<Lanes>::memory& nlm_at(float* p) {
  return *reinterpret_cast<typename nlm_vector<Lanes>::memory*>(p);
}

// to = lanes By, By + 1, ... of a followed by b.
template <int By, int Lanes, int... I>
[[gnu::always_inline]] inline void nlm_later(const nlm_floats<Lanes>& a, const nlm_floats<Lanes>& b,
                                             nlm_floats<Lanes>& to,
                                             std::integer_sequence<int, I...>) {
  to = __builtin_shufflevector(a, b, (By + I)...);
}

// x[k] += the values By columns to the right, for N vectors of a row. Columns that would need a
// vector more become meaningless.
template <int By, int N, int Lanes>
[[gnu::always_inline]] inline void nlm_add_later(const nlm_floats<Lanes> (&from)[N],
                                                 nlm_floats<Lanes> (&x)[N]) {
  for (int k = 0; k < N; ++k) {
    nlm_floats<Lanes> later;
    nlm_later<By, Lanes>(from[k], from[k + 1 < N ? k + 1 : k], later,
                         std::make_integer_sequence<int, Lanes>());
    x[k] += later;
  }
}

// Sums of 3, then of 5 neighbours in a row: each value and those to its right. The order is that of
// nlm_rows_of.
template <int N, int Lanes>
[[gnu::always_inline]] inline void nlm_columns_of_3(nlm_floats<Lanes> (&x)[N]) {
  nlm_floats<Lanes> from[N];
  for (int k = 0; k < N; ++k) from[k] = x[k];
  nlm_add_later<1, N, Lanes>(from, x);
  nlm_add_later<2, N, Lanes>(from, x);
}
template <int N, int Lanes>
[[gnu::always_inline]] inline void nlm_columns_of_5(nlm_floats<Lanes> (&x)[N]) {
  nlm_floats<Lanes> from[N], two[N];
  for (int k = 0; k < N; ++k) from[k] = x[k];
  nlm_add_later<1, N, Lanes>(from, x);
  for (int k = 0; k < N; ++k) two[k] = x[k];
  nlm_add_later<2, N, Lanes>(two, x);
  nlm_add_later<4, N, Lanes>(from, x);
}

// The same down the columns: rows enter one after the other.
template <int Lanes>
struct nlm_rows_of_3 {
  nlm_floats<Lanes> last{}, two{};
  [[gnu::always_inline]] void enter(const nlm_floats<Lanes>& row, nlm_floats<Lanes>& sum) {
    const nlm_floats<Lanes> now = row;
    sum = two + now;
    two = last + now;
    last = now;
  }
};
template <int Lanes>
struct nlm_rows_of_5 {
  nlm_floats<Lanes> last{}, two[3] = {};  // sums of two rows: the newest first
  [[gnu::always_inline]] void enter(const nlm_floats<Lanes>& row, nlm_floats<Lanes>& sum) {
    const nlm_floats<Lanes> now = row;
    sum = (two[2] + two[0]) + now;
    two[2] = two[1];
    two[1] = two[0];
    two[0] = last + now;
    last = now;
  }
};

// nlm_exp2(-x) of each lane, x limited to [0, -nlm_least_exponent] as integers: bits of floats >= 0
// are in the order of their values, those of the others are negative. (Comparing floats, g++ makes
// two instructions of each limit, for the sake of NaN.)
template <int Lanes>
[[gnu::always_inline]] inline void nlm_exp2_of_minus(const nlm_floats<Lanes>& x,
                                                     nlm_floats<Lanes>& w) {
  using floats = nlm_floats<Lanes>;
  using bits = typename nlm_vector<Lanes>::bits;
  const bits least = {}, most = least + std::bit_cast<std::int32_t>(-nlm_least_exponent);
  bits limited = reinterpret_cast<bits>(x);
  limited = limited > least ? limited : least;
  limited = limited < most ? limited : most;
  const floats u = reinterpret_cast<floats>(limited);
  const floats shifted = 0x1.8p23F - u;
  const floats f = (0x1.8p23F - shifted) - u;
  floats p = 0.009570102207362652F * f + 0.05591786280274391F;
  p = p * f + 0.240247443318367F;
  p = p * f + 0.6931217908859253F;
  p = p * f + 0.9999992847442627F;
  w = reinterpret_cast<floats>(reinterpret_cast<bits>(p) + (reinterpret_cast<bits>(shifted) << 23));
}

}  // namespace
}  // namespace ir::detail
