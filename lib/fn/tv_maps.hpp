#pragma once
#include <cstdint>
#include <vector>

#include "fn/tv_layout.hpp"

namespace ir::detail {

/// What a problem with a map of weights or of valid pixels knows of each pixel.
template <class T>
struct tv_maps {
  std::vector<T> weights;  // > 0, the mean where the pixel is no data
  std::vector<T> trust;    // 1, or 0: no data term
  /// The dual step's factor 2 w / max (w_i + w_j) over a pixel's differences, with which the steps
  /// of all pixels together keep the bound on their product.
  std::vector<T> relief;
  double weight = 0;  // mean over the valid pixels
  bool holes = false;
};

/// `map`, `valid`: in host memory, (pixels); null: `weight` everywhere, all valid. data_error: a
/// weight that is not above 0, no valid pixel.
template <class T>
tv_maps<T> make_tv_maps(const tv_layout&, const T* map, const std::uint8_t* valid, double weight);

}  // namespace ir::detail
