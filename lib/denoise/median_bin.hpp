#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#include "core/index.hpp"
#include "denoise/vector_lanes.hpp"

namespace ir::detail {

/// The positions of a bin's pixels, in the order of their values, block by block of 64: of a block
/// the pixel of order 8 l + t is element 8 t + l, so that one addition counts in eight groups.
inline constexpr index_t bin_block = 64;
inline index_t place_in_bin(index_t order) {
  const index_t in = order % bin_block;
  return order - in + 8 * (in % 8) + in / 8;
}

/// The order of the pixel that is `left` others of the window [x, x + reach] x [y, y + reach] above
/// the bin's least; the window holds more than `left` pixels of the bin. Every block is read up to
/// the pixel's; a place without a pixel must lie in no window.
///
/// Sums of eight bytes are found with one multiplication, whose byte l is the sum of the bytes 0 to
/// l; the first that exceeds a number k < 127 is the lowest byte with a carry into its highest bit
/// when 127 - k is added to each.
template <class Coordinate>
[[gnu::always_inline]] inline index_t order_in_bin(const Coordinate* xs, const Coordinate* ys,
                                                   Coordinate x, Coordinate y, Coordinate reach,
                                                   index_t left) {
  constexpr std::uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
  constexpr int at_once = 32 / sizeof(Coordinate);
  using flags = typename vector_lanes<std::int8_t, at_once>::vector;
  const auto first_above = [](std::uint64_t sums, std::uint64_t k) {
    return static_cast<unsigned>(std::countr_zero((sums + (127 - k) * ones) & high)) / 8;
  };
  for (index_t begin = 0;; begin += bin_block, xs += bin_block, ys += bin_block) {
    alignas(64) std::int8_t inside[bin_block];
    for (int first = 0; first < bin_block; first += at_once) {
      typename vector_lanes<Coordinate, at_once>::vector dx, dy;
      vector_lanes<Coordinate, at_once>::load(dx, xs + first);
      vector_lanes<Coordinate, at_once>::load(dy, ys + first);
      const auto both = (dx - x <= reach) & (dy - y <= reach);  // -1 or 0
      vector_lanes<std::int8_t, at_once>::store(-__builtin_convertvector(both, flags),
                                                inside + first);
    }
    std::uint64_t words[8], sum = 0;
    std::memcpy(words, inside, sizeof inside);
    for (const std::uint64_t w : words) sum += w;
    const std::uint64_t groups = sum * ones;
    if (const auto all = static_cast<index_t>(groups >> 56); left >= all) {
      left -= all;
      continue;
    }
    const auto k = static_cast<std::uint64_t>(left);
    const unsigned group = first_above(groups, k);
    const std::uint64_t before = (groups << 8) >> (8 * group) & 255;
    std::uint64_t own = 0;
    for (unsigned t = 0; t < 8; ++t) own |= (words[t] >> (8 * group) & 1) << (8 * t);
    return begin + 8 * index_t{group} + index_t{first_above(own * ones, k - before)};
  }
}

}  // namespace ir::detail
