#include "stage/channel_order.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace ir {

channel_order::channel_order(const image_layout& l, const array_info& out, int array_no,
                             std::string folder)
    : layout_(l),
      out_(out),
      array_no_(array_no),
      folder_(std::move(folder)),
      line_bytes_(l.extents[l.extents.rank() - 1] * size_of(out.type)),
      channel_lines_(l.images * l.extents.count() / l.extents[l.extents.rank() - 1]) {}

index_t channel_order::spool_bytes(const image_layout& l, const array_info& out) {
  return (l.channels - 1) * l.images * l.extents.count() * size_of(out.type);
}

void channel_order::put(queue& q, cref slab, index_t frame, index_t image, index_t first) {
  if (layout_.channels > 1 && !waiting_) {
    const std::string folder = spool_folder(folder_);
    require_space(folder, spool_bytes(layout_, out_));
    waiting_ = spool::on_disk(folder, q.cancel());
  }
  const index_t planes = slab.extents[1], lines = channel_lines_ / layout_.images;
  const index_t a_plane = lines / layout_.extents[0], at = image * lines + first * a_plane;
  for (index_t c = 1; c < layout_.channels; ++c) {
    const cref channel = layout_.planes_of_channel(slab, c, {0, planes});
    waiting_->file()->write_at(
        ((c - 1) * channel_lines_ + at) * line_bytes_,
        {static_cast<const std::byte*>(channel.data), static_cast<std::size_t>(channel.bytes())});
  }
  frame_ = frame;
  ready_.start(layout_.planes_of_channel(slab, 0, {0, planes}), out_, array_no_, frame, at);
  read_ = 0;
  const bool last = image == layout_.images - 1 && first + planes == layout_.extents[0];
  complete_ = last ? (layout_.channels - 1) * channel_lines_ : 0;
}

void channel_order::give(frame& f, queue& q) {
  if (ready_.empty()) take_back(q);
  ready_.give(f, q);
}

void channel_order::take_back(queue& q) {
  const index_t lines = std::min(complete_ - read_, std::max<index_t>(1, part_bytes / line_bytes_));
  back_.reset(q, out_.type, {lines, line_bytes_ / size_of(out_.type)});
  const std::span<std::byte> to(static_cast<std::byte*>(back_.get().data),
                                static_cast<std::size_t>(lines * line_bytes_));
  if (waiting_->file()->read_at(read_ * line_bytes_, to) != std::ssize(to))
    throw io_error("the scratch file of channels has become shorter");
  ready_.start(std::as_const(back_).get(), out_, array_no_, frame_, channel_lines_ + read_);
  read_ += lines;
}

}  // namespace ir
