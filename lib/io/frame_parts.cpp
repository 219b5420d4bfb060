#include "io/frame_parts.hpp"

#include <algorithm>

#include "io/source.hpp"

namespace ir {

std::vector<frame_part> whole_frame(const array_info& a) {
  const shape n = extents_of(a);
  const std::vector<index_t> zero(static_cast<std::size_t>(n.rank()), 0);
  return {{0, line_count(a), shape(zero), n}};
}

std::vector<frame_part> parts_of(const array_info& a, const shape& block) {
  const shape n = extents_of(a);
  const int rank = n.rank();
  if (frame_bytes(a) <= part_bytes || rank < 2) return whole_frame(a);

  // The axis whose slices are small enough: several of them are a part; slower axes one by one.
  int axis = 0;
  index_t slice = frame_bytes(a) / n[0], lines = line_count(a) / n[0];
  while (slice > part_bytes && axis + 2 < rank) {
    ++axis;
    slice /= n[axis];
    lines /= n[axis];
  }
  index_t thick = std::clamp<index_t>(part_bytes / slice, 1, n[axis]);
  const index_t b = block[axis];
  if (thick > b)
    thick -= thick % b;
  else if (b * slice <= largest_part_bytes)
    thick = b;

  std::vector<frame_part> parts;
  std::vector<index_t> origin(static_cast<std::size_t>(rank), 0), extents(origin);
  for (int i = 0; i < rank; ++i) extents[static_cast<std::size_t>(i)] = i < axis ? 1 : n[i];
  const auto cut = static_cast<std::size_t>(axis);
  for (index_t line = 0; line < line_count(a); line = parts.back().end) {
    extents[cut] = std::min(thick, n[axis] - origin[cut]);
    parts.push_back({line, line + extents[cut] * lines, shape(origin), shape(extents)});
    origin[cut] += extents[cut];
    for (std::size_t i = cut; i > 0 && origin[i] == n[static_cast<int>(i)]; --i) {
      origin[i] = 0;
      ++origin[i - 1];
    }
  }
  return parts;
}

shape part_shape(const array_info& a, const frame_part& p) {
  return shape{p.end - p.begin, a.axes.empty() ? 1 : a.axes.back().size};
}

}  // namespace ir
