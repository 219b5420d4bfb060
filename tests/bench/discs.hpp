#pragma once
#include <random>
#include <vector>

#include "core/index.hpp"

namespace ir::bench {

/// n x n pixels, n = 512 in mind: discs of several values on a ramp.
inline std::vector<float> discs(index_t n) {
  std::vector<float> picture(static_cast<std::size_t>(n * n));
  for (index_t y = 0; y < n; ++y)
    for (index_t x = 0; x < n; ++x) {
      float& v = picture[static_cast<std::size_t>(y * n + x)];
      v = static_cast<float>(x) / static_cast<float>(4 * n);
      for (index_t c = 0; c < 12; ++c) {
        const index_t cy = 40 + 37 * (c * 5 % 12), cx = 45 + 36 * c, r = 12 + 4 * (c % 5);
        if ((y - cy) * (y - cy) + (x - cx) * (x - cx) < r * r)
          v += 0.1F * static_cast<float>(c % 7);
      }
    }
  return picture;
}

/// Normal noise, seed 1.
inline std::vector<float> noise(index_t count, float deviation) {
  std::mt19937 bits(1);
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> v(static_cast<std::size_t>(count));
  for (float& e : v) e = normal(bits);
  return v;
}

}  // namespace ir::bench
