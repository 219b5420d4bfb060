#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#include "core/index.hpp"

namespace ir::detail {

/// Sums of the histogram of a set of bytes, in two levels: lane i < 16 counts those whose upper
/// half is <= i, lane 16 (h + 1) + i those whose upper half is h and whose lower half is <= i. So a
/// value is found by comparisons alone, and a byte comes or goes with two vectors of 16.
inline constexpr int histogram_lanes = 272;

template <class Count>
struct byte_steps {
  Count from[16][16];  // [h][i]: 1 where i >= h
};
template <class Count>
inline constexpr byte_steps<Count> steps = [] {
  byte_steps<Count> s{};
  for (int h = 0; h < 16; ++h)
    for (int i = h; i < 16; ++i) s.from[h][i] = 1;
  return s;
}();

template <class Count>
[[gnu::always_inline]] inline void add_byte(Count* h, std::uint8_t value) {
  const Count *coarse = steps<Count>.from[value >> 4], *fine = steps<Count>.from[value & 15];
  Count* const own = h + 16 * ((value >> 4) + 1);
#pragma GCC ivdep
  for (int i = 0; i < 16; ++i) h[i] = static_cast<Count>(h[i] + coarse[i]);
#pragma GCC ivdep
  for (int i = 0; i < 16; ++i) own[i] = static_cast<Count>(own[i] + fine[i]);
}
template <class Count>
[[gnu::always_inline]] inline void remove_byte(Count* h, std::uint8_t value) {
  const Count *coarse = steps<Count>.from[value >> 4], *fine = steps<Count>.from[value & 15];
  Count* const own = h + 16 * ((value >> 4) + 1);
#pragma GCC ivdep
  for (int i = 0; i < 16; ++i) h[i] = static_cast<Count>(h[i] - coarse[i]);
#pragma GCC ivdep
  for (int i = 0; i < 16; ++i) own[i] = static_cast<Count>(own[i] - fine[i]);
}

/// The histogram of a window from those of its columns: one comes, one goes.
template <class Window, class Count>
[[gnu::always_inline]] inline void slide(Window* window, const Count* comes, const Count* goes) {
#pragma GCC ivdep
  for (int i = 0; i < histogram_lanes; ++i)
    window[i] = static_cast<Window>(window[i] + comes[i] - goes[i]);
}
template <class Window, class Count>
[[gnu::always_inline]] inline void sum_columns(Window* window, const Count* column, index_t stride,
                                               index_t n) {
  std::memset(window, 0, histogram_lanes * sizeof(Window));
  for (index_t c = 0; c < n; ++c, column += stride)
#pragma GCC ivdep
    for (int i = 0; i < histogram_lanes; ++i)
      window[i] = static_cast<Window>(window[i] + column[i]);
}

/// How many of 16 lanes are <= bound. On vectors by hand: g++ 12 vectorises a sum of 16-bit
/// comparisons for SSE2 with the wrong sign.
template <class Window>
[[gnu::always_inline]] inline int lanes_up_to(const Window* of, Window bound) {
  using vector [[gnu::vector_size(16 * sizeof(Window))]] = Window;
  using bytes [[gnu::vector_size(16)]] = std::int8_t;
  vector v;
  std::memcpy(&v, of, sizeof v);
  const auto up_to = __builtin_convertvector(v <= bound, bytes);  // -1 or 0
  std::uint64_t halves[2];
  std::memcpy(halves, &up_to, sizeof halves);
  return (std::popcount(halves[0]) + std::popcount(halves[1])) / 8;
}

/// The byte of order `rank`, and `rank` among its equals.
template <class Window>
[[gnu::always_inline]] inline std::uint8_t byte_of_order(const Window* h, Window& rank) {
  const int upper = lanes_up_to(h, rank);
  if (upper > 0) rank = static_cast<Window>(rank - h[upper - 1]);
  const Window* const own = h + 16 * (upper + 1);
  const int lower = lanes_up_to(own, rank);
  if (lower > 0) rank = static_cast<Window>(rank - own[lower - 1]);
  return static_cast<std::uint8_t>(16 * upper + lower);
}

}  // namespace ir::detail
