#include "op/image_layout.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace ir {

image_layout layout_of(const space& s, const char* what) {
  const space::block& b = s.blocks()[0];
  if (s.blocks().size() != 1 || b.of == field::complex || b.spatial < 1 || b.spatial > 3 ||
      b.extents.count() == 0)
    throw shape_error(
        fmt::format("{} of {} with {} spatial axes: a single real array with 1 to 3 is expected",
                    what, to_string(s), b.spatial));
  const shape& n = b.extents;
  const auto extent = [&](int from_end) {
    return from_end <= b.spatial ? n[n.rank() - from_end] : 1;
  };
  image_layout l{b.spatial, 1, extent(3), extent(2), extent(1)};
  l.images = n.count() / (l.nz * l.ny * l.nx);
  return l;
}

}  // namespace ir
