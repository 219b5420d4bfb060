#include "io/picture.hpp"

#include <fmt/core.h>

#include "core/error.hpp"
#include "io/strided_copy.hpp"

namespace ir {

array_info picture_array(const picture_kind& k) {
  std::vector<axis> axes{{"y", "", k.height, 1, 0}, {"x", "", k.width, 1, 0}};
  if (k.channels > 1) axes.insert(axes.begin(), {"c", "", k.channels, 1, 0});
  return file_array(k.type, std::move(axes));
}

picture_boxes::picture_boxes(array_info info, const picture_kind& kind,
                             std::function<pixels()> decode)
    : box_source(std::move(info)), kind_(kind), decode_(std::move(decode)) {}

void picture_boxes::do_read(const shape& origin, const shape& extents, void* out) const {
  std::call_once(once_, [this] { pixels_ = decode_(); });
  const bool colour = kind_.channels > 1;
  const int y = colour ? 1 : 0, x = y + 1;
  const index_t size = size_of(kind_.type), pixel = kind_.channels * size;
  const index_t line = kind_.width * pixel;
  const index_t first = origin[y] * line + origin[x] * pixel + (colour ? origin[0] * size : 0);
  const shape n{colour ? extents[0] : 1, extents[y], extents[x]};
  const index_t from[] = {size, line, pixel};
  strided_copy(n, size, pixels_.get() + first, from, static_cast<std::byte*>(out),
               dense_strides(n.extents(), size));
}

picture_kind picture_of(const array_info& info, const std::string& format) {
  const std::size_t rank = info.axes.size();
  const bool colour = rank == 3 && info.axes[0].name == "c";
  picture_kind k;
  k.type = info.type;
  if (colour) k.channels = int(std::min<index_t>(info.axes[0].size, 99));
  if ((rank != 2 && !colour) || k.channels > 4)
    throw usage_error(
        fmt::format("{} holds an image (y, x) or (c, y, x) of at most 4 channels, not "
                    "frames of {}; --rank 2 or a TIFF file would do",
                    format, to_string(extents_of(info))));
  k.height = info.axes[rank - 2].size;
  k.width = info.axes[rank - 1].size;
  return k;
}

void interleave(const picture_kind& k, const std::byte* planes, std::byte* lines) {
  const index_t size = size_of(k.type), count = k.height * k.width;
  const index_t from[] = {size, count * size}, to[] = {k.channels * size, size};
  strided_copy({count, k.channels}, size, planes, from, lines, to);
}

}  // namespace ir
