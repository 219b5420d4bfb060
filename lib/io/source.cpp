#include "io/source.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"

namespace ir {
namespace {

bool inside(const region& r, const shape& frame) {
  if (r.origin.rank() != frame.rank() || r.extents.rank() != frame.rank()) return false;
  for (int i = 0; i < frame.rank(); ++i)
    if (r.origin[i] < 0 || r.extents[i] < 1 || r.extents[i] > frame[i] ||
        r.origin[i] > frame[i] - r.extents[i])
      return false;
  return true;
}

/// What is read: the frames in front where there are several.
shape box_of(const region& r) {
  if (r.frames == 1) return r.extents;
  std::vector<index_t> n{r.frames};
  n.insert(n.end(), r.extents.extents().begin(), r.extents.extents().end());
  return shape(n);
}

}  // namespace

void region_source::read(const region& r, ref out, queue& q) const {
  const stream_header& header = shape_of();
  if (r.array_no < 0 || r.array_no >= static_cast<int>(header.arrays.size()))
    throw shape_error(
        fmt::format("there is no array {}: the stream has {}", r.array_no, header.arrays.size()));
  const array_info& info = header.arrays[r.array_no];
  const index_t last = r.number + r.frames - 1;
  if (r.number < 0 || r.frames < 1 || (info.frames && last >= *info.frames))
    throw shape_error(fmt::format("there is no frame {} in array '{}'{}", last, info.name,
                                  info.frames ? fmt::format(": it has {}", *info.frames) : ""));
  const shape frame = extents_of(info);
  if (!inside(r, frame))
    throw shape_error(fmt::format(
        "a box of {} at {} is not inside frame {} of array '{}', which is {}", to_string(r.extents),
        to_string(r.origin), r.number, info.name, to_string(frame)));
  const shape box = box_of(r);
  if (out.type != info.type || !(out.extents == box))
    throw shape_error(fmt::format("array '{}': a box of {} {} does not fit {} {}", info.name,
                                  to_string(box), name_of(info.type), to_string(out.extents),
                                  name_of(out.type)));
  q.poll();
  do_read(r, out, q);
}

bool frame_source::next(frame& f, queue& q) {
  q.poll();
  return do_next(f, q);
}

index_t lines_a_part(const array_info& info) {
  const index_t lines = line_count(info);
  const index_t line_bytes = std::max<index_t>(1, frame_bytes(info) / std::max<index_t>(1, lines));
  return std::clamp<index_t>(part_bytes / line_bytes, 1, std::max<index_t>(1, lines));
}

}  // namespace ir
