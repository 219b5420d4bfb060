#pragma once
#include <optional>

#include "fn/functional.hpp"

namespace ir::detail {

/// What a fused engine knows of a total variation: lambda sum over pixels of the length of all
/// channels' differences, along the spatial axes of one real image.
struct tv_weighting {
  double lambda;     // of differences of neighbours, whatever the spacing
  double per_pixel;  // 1 / spacing: the gradient by differences of neighbours
  int axes;          // spatial ones, 1 to 3
  index_t channels;
};

/// nullopt: the term is no l21 behind a gradient with one spacing on all axes and no difference
/// across the border, or the image has more axes than channels and `axes`.
std::optional<tv_weighting> tv_weighting_of(const term&);
/// Whether it is l21 behind a gradient at all.
bool is_tv(const term&);

}  // namespace ir::detail
