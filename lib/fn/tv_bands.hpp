#pragma once
#include <algorithm>

#include "core/parallel.hpp"

namespace ir::detail {

/// Iterations that go through one pass over memory at most.
inline constexpr index_t tv_most_together = 16;

/// How planes go through `together` iterations in one pass over memory.
struct tv_bands {
  index_t planes, height, together;
  index_t count() const { return (planes + height - 1) / height; }
};

/// Runs `count` <= together iterations t = 0, 1, ... of primal(t, z) and dual(t, z), for which
/// hold: primal(t, z) follows dual(t - 1, z) and dual(t - 1, z - 1), and comes before dual(t, z -
/// 1) and dual(t, z); dual(t, z) needs what primal(t, .) left at z and z + 1.
///
/// In a band iteration t covers a plane less on each side than t - 1: a trapezoid in (t, z), swept
/// along z, each iteration a plane behind the one before. What is missing around a seam is a
/// triangle, done when both neighbours are. No plane is computed twice.
template <class Primal, class Dual>
void run_bands(const tv_bands& bands, index_t count, const Primal& primal, const Dual& dual) {
  const index_t nz = bands.planes;
  ir::run_blocks(nz, bands.height, [&](index_t begin, index_t end) noexcept {
    const auto low = [&](index_t t) { return begin == 0 ? 0 : begin + t; };
    const auto high = [&](index_t t) { return end == nz ? nz : end - t; };  // of primal
    for (index_t front = begin; front < end + count; ++front)
      for (index_t t = 0; t < count; ++t) {
        const index_t z = front - t;
        if (z >= low(t) && z < high(t)) primal(t, z);
        // dual(t, z - 1) needs primal(t, z); the last plane of the image has no next one.
        if (z - 1 >= low(t) && (z < high(t) || (z == nz && end == nz))) dual(t, z - 1);
      }
  });
  ir::run_blocks(bands.count() - 1, 1, [&](index_t first, index_t last) noexcept {
    for (index_t b = first; b < last; ++b) {
      const index_t seam = (b + 1) * bands.height;
      for (index_t t = 0; t < count; ++t) {
        for (index_t z = seam - t; z < std::min(seam + t, nz); ++z) primal(t, z);
        for (index_t z = seam - 1 - t; z < std::min(seam + t, nz); ++z) dual(t, z);
      }
    }
  });
}

}  // namespace ir::detail
