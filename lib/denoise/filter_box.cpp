#include "denoise/filter_box.hpp"

namespace ir::detail {

filter_box::filter_box(const shape& slab, plane_range keep) : channels(slab[0]) {
  const int spatial = slab.rank() - 1, missing = 3 - spatial;
  for (int a = missing; a < 3; ++a) kept[a] = n[a] = slab[a - missing + 1];
  first[missing] = keep.first;
  kept[missing] = keep.last - keep.first;
}

}  // namespace ir::detail
