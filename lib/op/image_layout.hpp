#pragma once
#include "core/space.hpp"

namespace ir {

/// A single real array as images of three axes: those that it lacks have one element.
struct image_layout {
  int spatial;  // axes of an image, 1 to 3
  index_t images, nz, ny, nx;
  index_t planes() const { return images * nz; }
  index_t extent(int axis) const { return axis == 0 ? nz : axis == 1 ? ny : nx; }
};

/// shape_error naming `what`, "a cosine transform": several blocks, complex, empty, or another
/// number of spatial axes.
image_layout layout_of(const space&, const char* what);

}  // namespace ir
