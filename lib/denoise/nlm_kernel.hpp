#pragma once
#include <cmath>
#include <cstdint>

#include "core/index.hpp"
#include "core/nd_view.hpp"
#include "denoise/nlm_reflect.hpp"
#include "denoise/nlm_window.hpp"

namespace ir::kernel {

/// One pixel of non-local means (denoise/nlm.hpp), by direct sums over search window and patch: the
/// reference of the faster ways, and the GPU's way for f64, masks, maps and volumes.
/// Reads 2 channels |patch| |search| values, most of them from caches, 4 flop each; writes
/// `channels` values.
template <class T>
struct nlm_pixel {
  const T* in;                // (channels, n)
  const T* sigma;             // n, or null: sigma everywhere
  const std::uint8_t* valid;  // n, or null: all are
  T* out;                     // (channels, made)
  index_t channels, n[3];
  int cut;              // axis along which a slab is cut:
  index_t first, kept;  // of `in`, these planes are made
  index_t patch[3], search[3];
  T variance, strength2;  // sigma^2, strength^2

  IR_HD index_t at(index_t k, index_t j, index_t i) const noexcept {
    return (detail::nlm_reflect(k, n[0]) * n[1] + detail::nlm_reflect(j, n[1])) * n[2] +
           detail::nlm_reflect(i, n[2]);
  }
  IR_HD index_t made(int axis) const noexcept { return axis == cut ? kept : n[axis]; }
  IR_HD index_t plane() const noexcept { return made(0) * made(1) * made(2); }
  IR_HD bool counts(index_t p) const noexcept { return valid == nullptr || valid[p] != 0; }
  IR_HD index_t size() const noexcept { return n[0] * n[1] * n[2]; }

  IR_HD index_t window(index_t offset, int axis) const noexcept {
    return detail::nlm_weight_at(offset, patch[axis]);
  }

  /// The weight of the pixel at p + d for the pixel at p.
  IR_HD T weight(const index_t (&p)[3], const index_t (&d)[3]) const noexcept {
    const index_t here = at(p[0], p[1], p[2]), there = at(p[0] + d[0], p[1] + d[1], p[2] + d[2]);
    if (!counts(there)) return T(0);
    T sum = 0;
    index_t mass = 0;
    for (index_t k = -patch[0]; k <= patch[0]; ++k)
      for (index_t j = -patch[1]; j <= patch[1]; ++j)
        for (index_t i = -patch[2]; i <= patch[2]; ++i) {
          const index_t a = at(p[0] + k, p[1] + j, p[2] + i);
          const index_t b = at(p[0] + d[0] + k, p[1] + d[1] + j, p[2] + d[2] + i);
          if (!counts(a) || !counts(b)) continue;
          const index_t w = window(k, 0) * window(j, 1) * window(i, 2);
          mass += w;
          for (index_t c = 0; c < channels; ++c) {
            const T difference = in[c * size() + a] - in[c * size() + b];
            sum += static_cast<T>(w) * (difference * difference);
          }
        }
    if (mass == 0) return T(0);
    T both = 2 * variance;
    if (sigma != nullptr) {
      const T of_there = sigma[there] * sigma[there];
      both = counts(here) ? sigma[here] * sigma[here] + of_there : 2 * of_there;
    }
    const T excess = sum / static_cast<T>(mass * channels) - both;
    return excess > 0 ? exp_of(-excess / (strength2 * (both / 2))) : T(1);
  }

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    index_t p[3] = {k, j, i};
    const index_t to = (k * made(1) + j) * made(2) + i;
    p[cut] += first;
    const index_t here = at(p[0], p[1], p[2]);
    T total = counts(here) ? T(1) : T(0);  // the pixel's own weight
    for (index_t c = 0; c < channels; ++c)
      out[c * plane() + to] = counts(here) ? in[c * size() + here] : T(0);
    if (sigma != nullptr || variance > 0)
      for (index_t z = -search[0]; z <= search[0]; ++z)
        for (index_t y = -search[1]; y <= search[1]; ++y)
          for (index_t x = -search[2]; x <= search[2]; ++x) {
            if (z == 0 && y == 0 && x == 0) continue;
            const T w = weight(p, {z, y, x});
            if (w == 0) continue;
            total += w;
            const index_t q = at(p[0] + z, p[1] + y, p[2] + x);
            for (index_t c = 0; c < channels; ++c) out[c * plane() + to] += w * in[c * size() + q];
          }
    if (total == 0) return around(p, to);
    for (index_t c = 0; c < channels; ++c) out[c * plane() + to] /= total;
  }

  /// The mean of the smallest window that has valid pixels, where no weight is above 0.
  IR_HD void around(const index_t (&p)[3], index_t to) const noexcept {
    index_t most = 0, r[3];
    for (int axis = 0; axis < 3; ++axis)
      if (patch[axis] + search[axis] > most) most = patch[axis] + search[axis];
    for (index_t radius = 1; radius <= most; ++radius) {
      for (int axis = 0; axis < 3; ++axis) {
        const index_t halo = patch[axis] + search[axis];
        r[axis] = radius < halo ? radius : halo;
      }
      index_t count = 0;
      for (index_t k = -r[0]; k <= r[0]; ++k)
        for (index_t j = -r[1]; j <= r[1]; ++j)
          for (index_t i = -r[2]; i <= r[2]; ++i) {
            const index_t q = at(p[0] + k, p[1] + j, p[2] + i);
            if (!counts(q)) continue;
            ++count;
            for (index_t c = 0; c < channels; ++c) out[c * plane() + to] += in[c * size() + q];
          }
      if (count == 0) continue;
      for (index_t c = 0; c < channels; ++c) out[c * plane() + to] /= static_cast<T>(count);
      return;
    }
  }

  IR_HD static float exp_of(float x) noexcept { return expf(x); }
  IR_HD static double exp_of(double x) noexcept { return exp(x); }
};

}  // namespace ir::kernel
