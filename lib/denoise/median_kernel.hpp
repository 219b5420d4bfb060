#pragma once
#include <cstring>
#include <type_traits>

#include "denoise/border.hpp"

namespace ir::detail {

/// Unsigned integers in the order of the values of T, as many bits.
template <class T>
struct ordered {
  using key = std::conditional_t<
      sizeof(T) == 1, std::uint8_t,
      std::conditional_t<sizeof(T) == 2, std::uint16_t,
                         std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;
  static constexpr int bits = 8 * sizeof(T);
  static constexpr key sign = key(key(1) << (bits - 1));

  IR_HD static key of(T value) {
    key k;
    memcpy(&k, &value, sizeof k);
    if constexpr (std::is_floating_point_v<T>) k = k & sign ? key(~k) : key(k | sign);
    return k;
  }
  IR_HD static T value(key k) {
    if constexpr (std::is_floating_point_v<T>) k = k & sign ? key(k ^ sign) : key(~k);
    T v;
    memcpy(&v, &k, sizeof v);
    return v;
  }
};

/// A channel of a slab, (z, y, x), and the window: what every way to the median starts from.
template <class T>
struct median_window {
  nd_view<const T, 3> x;
  const std::uint8_t* valid;  // like x, or null
  index_t first[3];           // where the result's element 0 lies in x
  index_t radius;
  int spatial;  // the window extends along the last axes alone
  boundary rule;

  IR_HD index_t reach(int axis) const { return axis < 3 - spatial ? 0 : radius; }
};

}  // namespace ir::detail

namespace ir::kernel {

/// A pixel's median, bit by bit of its key: reads the window once for each bit. The plain way.
template <class T>
struct median_by_bits {
  detail::median_window<T> window;
  nd_view<T, 3> out;

  using order = detail::ordered<T>;
  using key = typename order::key;

  struct tally {
    index_t all = 0, below = 0;
  };
  // Valid pixels of the window, and those with keys below `bound`.
  IR_HD tally count(const detail::median_window<T>& w, const index_t (&at)[3], key bound) const {
    tally t;
    const index_t rz = w.reach(0), ry = w.reach(1), rx = w.reach(2);
    for (index_t dz = -rz; dz <= rz; ++dz)
      for (index_t dy = -ry; dy <= ry; ++dy)
        for (index_t dx = -rx; dx <= rx; ++dx) {
          const index_t k = detail::element_at(at[0] + dz, w.x.extent(0), w.radius, w.rule);
          const index_t j = detail::element_at(at[1] + dy, w.x.extent(1), w.radius, w.rule);
          const index_t i = detail::element_at(at[2] + dx, w.x.extent(2), w.radius, w.rule);
          const bool inside = k >= 0 && j >= 0 && i >= 0;
          const index_t p = inside ? (k * w.x.extent(1) + j) * w.x.extent(2) + i : 0;
          if (inside && w.valid && !w.valid[p]) continue;
          ++t.all;
          if (order::of(inside ? w.x.data[p] : T(0)) < bound) ++t.below;
        }
    return t;
  }
  IR_HD T median(const index_t (&at)[3]) const {
    detail::median_window<T> w = window;
    tally t = count(w, at, 0);
    for (int grown = 0; t.all == 0 && grown < 2; ++grown) {
      w.radius = 2 * w.radius + 1;
      t = count(w, at, 0);
    }
    if (t.all == 0) return T(0);
    const index_t rank = (t.all - 1) / 2;
    key found = 0;
    for (int bit = order::bits; bit-- > 0;) {
      const key higher = key(found | key(key(1) << bit));
      if (count(w, at, higher).below <= rank) found = higher;
    }
    return order::value(found);
  }
  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t at[3] = {k + window.first[0], j + window.first[1], i + window.first[2]};
    out(k, j, i) = median(at);
  }
};

}  // namespace ir::kernel
