#pragma once
#include <algorithm>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "core/parallel.hpp"
#include "denoise/denoiser.hpp"
#include "fft/extension_kernel.hpp"
#include "support/setup.hpp"

namespace ir::test {

/// An image with its values as f64, in a stored type.
struct image {
  shape extents;  // (c, [z, [y,]] x)
  std::vector<double> values;
};

inline image random_image(const shape& extents, dtype type, unsigned seed) {
  std::mt19937 bits(seed);
  image a{extents, {}};
  const double most = is_integer(type) ? range_of(type).high : 1;
  std::uniform_real_distribution<double> any(is_integer(type) ? 0 : -1, most);
  for (index_t i = 0; i < extents.count(); ++i) {
    const double v = any(bits);
    a.values.push_back(is_integer(type) ? std::floor(v)
                                        : static_cast<double>(static_cast<float>(v)));
  }
  return a;
}

inline array stored(queue& q, const image& a, dtype type) {
  array to(q, type, a.extents);
  copy(q, cref(a.values.data(), dtype::f64, a.extents), to.get());
  q.synchronize();
  return to;
}

inline std::vector<double> values_of(queue& q, cref from) {
  std::vector<double> v(static_cast<std::size_t>(from.extents.count()));
  copy(q, from, ref(v.data(), dtype::f64, from.extents));
  q.synchronize();
  return v;
}

using mask = std::vector<std::uint8_t>;

/// What the denoiser makes of a whole image.
inline std::vector<double> denoised(queue& q, const denoiser& d, const image& a, dtype type,
                                    const mask& valid = {}) {
  const array from = stored(q, a, type);
  array to(q, type, a.extents), map;
  noisy_image in{from.get(), 1, {}, {}};
  if (!valid.empty()) {
    const shape channel(a.extents.extents().subspan(1));
    map.reset(q, dtype::u8, channel);
    copy(q, cref(valid.data(), dtype::u8, channel), map.get());
    q.synchronize();
    in.valid = std::as_const(map).get();
  }
  d.apply(q, in, to.get());
  return values_of(q, to.get());
}

/// Planes [first, last) of the slowest spatial axis of each channel.
inline image planes(const image& a, index_t first, index_t last) {
  std::vector<index_t> n(a.extents.extents().begin(), a.extents.extents().end());
  const index_t all = n[1], channel = a.extents.count() / n[0], plane = channel / all;
  n[1] = last - first;
  image part{shape(n), {}};
  for (index_t c = 0; c < n[0]; ++c)
    part.values.insert(part.values.end(), a.values.begin() + c * channel + first * plane,
                       a.values.begin() + c * channel + last * plane);
  return part;
}

/// The same in slabs of `thickness` planes, each with the halo that the denoiser asks for.
inline std::vector<double> denoised_in_slabs(queue& q, const denoiser& d, const image& a,
                                             dtype type, index_t thickness) {
  const index_t all = a.extents[1], halo = d.reach().radius, channels = a.extents[0];
  const index_t channel = a.extents.count() / channels, plane = channel / all;
  std::vector<double> whole(a.values.size());
  const auto pass = d.begin();
  for (index_t at = 0; at < all; at += thickness) {
    const index_t end = std::min(all, at + thickness);
    const index_t low = std::max<index_t>(0, at - halo), high = std::min(all, end + halo);
    const image slab = planes(a, low, high);
    const array from = stored(q, slab, type);
    array to(q, type, planes(a, at, end).extents);
    pass->slab(q, {from.get(), 1, {}, {}}, {at - low, end - low}, to.get());
    const std::vector<double> part = values_of(q, to.get());
    const index_t kept = (end - at) * plane;
    for (index_t c = 0; c < channels; ++c)
      std::copy_n(part.begin() + c * kept, kept, whole.begin() + c * channel + at * plane);
  }
  pass->finish(q);
  return whole;
}

/// Mirrored along every spatial axis.
inline image mirrored(const image& a) {
  image m = a;
  const index_t channel = a.extents.count() / a.extents[0];
  for (index_t c = 0; c < a.extents[0]; ++c)
    std::reverse(m.values.begin() + c * channel, m.values.begin() + (c + 1) * channel);
  return m;
}

/// Where a border rule takes position p of n from; -1: 0.
inline index_t taken(index_t p, index_t n, boundary rule) {
  while (p < 0 || p >= n) switch (rule) {
      case boundary::zero:
        return -1;
      case boundary::edge:
        p = p < 0 ? 0 : n - 1;
        break;
      case boundary::circular:
        p += p < 0 ? n : -n;
        break;
      case boundary::reflect:
        p = p < 0 ? -1 - p : 2 * n - 1 - p;
        break;
    }
  return p;
}

/// visit(dz, dy, dx, element or -1) over the window of half widths r around a pixel of (z, y, x).
template <class Visit>
void visit_window(const index_t (&n)[3], const index_t (&at)[3], const index_t (&r)[3],
                  boundary rule, const Visit& visit) {
  for (index_t dz = -r[0]; dz <= r[0]; ++dz)
    for (index_t dy = -r[1]; dy <= r[1]; ++dy)
      for (index_t dx = -r[2]; dx <= r[2]; ++dx) {
        const index_t k = taken(at[0] + dz, n[0], rule), j = taken(at[1] + dy, n[1], rule),
                      i = taken(at[2] + dx, n[2], rule);
        visit(dz, dy, dx, k < 0 || j < 0 || i < 0 ? -1 : (k * n[1] + j) * n[2] + i);
      }
}

inline constexpr boundary all_rules[] = {boundary::reflect, boundary::edge, boundary::zero,
                                         boundary::circular};

}  // namespace ir::test
