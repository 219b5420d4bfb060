#pragma once
#include <cstdint>
#include <cstring>

#include "core/index.hpp"
#include "denoise/vector_lanes.hpp"

namespace ir::detail {

template <class Count>
struct lane_steps {
  alignas(64) Count from[16][16];  // [h][i]: 1 where i >= h
};
template <class Count>
inline constexpr lane_steps<Count> steps = [] {
  lane_steps<Count> s{};
  for (int h = 0; h < 16; ++h)
    for (int i = h; i < 16; ++i) s.from[h][i] = 1;
  return s;
}();

/// Elements of a given order of the windows of an image of bytes, row by row from sums of the
/// histograms of its columns.
///
/// A histogram has two levels of 16 lanes, each a sum, so that a value is found by one comparison
/// of vectors: lane i of the upper one counts the bytes whose upper half is <= i; of the lower ones
/// there is one for each upper half h, whose lane i counts the bytes of that upper half whose lower
/// half is <= i. A byte that comes or goes changes two vectors of its column. The window's upper
/// level moves with every pixel; a lower one only when a byte is found in it, by the columns that
/// came and went since, or anew where that is less.
///
/// Count holds the window's height, Window its number of pixels.
///
/// Source: S. Perreault, P. Hebert, IEEE Trans. Image Process. 16 (2007) 2389-2394.
template <class Count, class Window>
class byte_windows {
 public:
  /// `columns` results a row at most, windows `width` wide; `memory`: `bytes_for` these, aligned
  /// to 64 bytes.
  [[gnu::always_inline]] byte_windows(void* memory, index_t columns, index_t width)
      : line_(columns + width),
        width_(width),
        window_(static_cast<Window*>(memory)),
        upper_(reinterpret_cast<Count*>(window_ + 16 * window_lanes)),
        lower_(upper_ + 16 * line_) {
    std::memset(memory, 0, static_cast<std::size_t>(bytes_for(columns, width)));
  }
  static index_t bytes_for(index_t columns, index_t width) {
    return 16 * window_lanes * index_t{sizeof(Window)} +
           17 * 16 * (columns + width) * index_t{sizeof(Count)};
  }

  /// Rows of n + width - 1 bytes that come into the columns, and go: null for none.
  [[gnu::always_inline]] void change(index_t n, const std::uint8_t* comes,
                                     const std::uint8_t* goes) {
    if (comes && goes)
      change<true, true>(n + width_ - 1, comes, goes);
    else if (comes)
      change<true, false>(n + width_ - 1, comes, goes);
    else
      change<false, true>(n + width_ - 1, comes, goes);
  }

  /// put(i, byte, order among its equals) for the element of order `order` of windows 0 <= i < n.
  template <class Put>
  [[gnu::always_inline]] inline void elements(index_t n, Window order, const Put& put) {
    wide now = {};
    for (index_t c = 0; c < width_; ++c) add(now, upper_ + 16 * c);
    for (index_t& s : stands_) s = -2 * width_;
    alignas(64) Window before[32] = {};  // lanes from 16 on; a 0 before them
    for (index_t i = 0; i < n; ++i) {
      sums::store(now, before + 16);
      Window left = order;
      const int high = lanes_up_to(now, left);
      left = static_cast<Window>(left - before[15 + high]);
      const Window* const own = lower_window(high, i);
      wide in;
      sums::load(in, own);
      const int low = lanes_up_to(in, left);
      put(i, static_cast<std::uint8_t>(16 * high + low), static_cast<Window>(left - own[low - 1]));
      slide(now, upper_ + 16 * i);
    }
  }

 private:
  using counts = vector_lanes<Count, 16>;
  using sums = vector_lanes<Window, 16>;
  using narrow = typename counts::vector;
  using wide = typename sums::vector;
  static constexpr index_t window_lanes = 32;  // the last 16, and a 0 before them

  template <bool Comes, bool Goes>
  [[gnu::always_inline]] inline void change(index_t n, const std::uint8_t* comes,
                                            const std::uint8_t* goes) {
    for (index_t c = 0; c < n; ++c) {
      Count* const own = upper_ + 16 * c;
      narrow h, more, less;
      counts::load(h, own);
      if constexpr (Comes) h += counts::load(more, steps<Count>.from[comes[c] >> 4]);
      if constexpr (Goes) h -= counts::load(less, steps<Count>.from[goes[c] >> 4]);
      counts::store(h, own);
      if constexpr (Comes) {
        Count* const to = lower_ + 16 * ((comes[c] >> 4) * line_ + c);
        counts::load(h, to) += counts::load(more, steps<Count>.from[comes[c] & 15]);
        counts::store(h, to);
      }
      if constexpr (Goes) {
        Count* const to = lower_ + 16 * ((goes[c] >> 4) * line_ + c);
        counts::load(h, to) -= counts::load(less, steps<Count>.from[goes[c] & 15]);
        counts::store(h, to);
      }
    }
  }

  [[gnu::always_inline]] inline const Window* lower_window(int high, index_t i) {
    Window* const own = window_ + high * window_lanes + 16;
    const Count* const from = lower_ + 16 * high * line_;
    index_t& at = stands_[high];
    if (at == i) return own;
    wide in = {};
    if (2 * (i - at) < width_) {
      sums::load(in, own);
      for (; at < i; ++at) slide(in, from + 16 * at);
    } else {
      for (index_t c = i; c < i + width_; ++c) add(in, from + 16 * c);
    }
    at = i;
    sums::store(in, own);
    return own;
  }

  [[gnu::always_inline]] static void add(wide& to, const Count* column) {
    narrow v;
    to += __builtin_convertvector(counts::load(v, column), wide);
  }
  // From the window that begins at a column to the next one.
  [[gnu::always_inline]] inline void slide(wide& window, const Count* column) const {
    narrow goes, comes;
    window += __builtin_convertvector(counts::load(comes, column + 16 * width_), wide) -
              __builtin_convertvector(counts::load(goes, column), wide);
  }

  // How many of 16 lanes are <= bound.
  [[gnu::always_inline]] static int lanes_up_to(const wide& ascending, Window bound) {
    using bytes [[gnu::vector_size(16)]] = std::int8_t;
    const bytes ones = -__builtin_convertvector(ascending <= bound, bytes);
    std::uint64_t halves[2];
    std::memcpy(halves, &ones, sizeof halves);
    return static_cast<int>((halves[0] + halves[1]) * 0x0101010101010101 >> 56);
  }

  index_t line_, width_;
  Window* window_;  // of the lower levels
  Count *upper_, *lower_;
  index_t stands_[16];  // the pixel where the window of a lower level stands
};

}  // namespace ir::detail
