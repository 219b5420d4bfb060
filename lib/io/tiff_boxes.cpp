#include "io/tiff_boxes.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "io/run_each.hpp"

namespace ir::tiff {
namespace {

constexpr index_t piece_bytes = 4 << 20;  // uncompressed lines that are read at once, about

/// Joins a piece of uncompressed lines with the one before where the file goes on, and cuts long
/// ones, so that threads share them.
void add_stored(const piece& p, std::vector<piece>& pieces) {
  const index_t line = p.how->line_bytes();
  if (!pieces.empty()) {
    piece& last = pieces.back();
    const bool same_colours = last.from == p.from || p.from->palette.count == 0;
    if (same_colours && last.stored + last.lines * line == p.stored && !p.how->tiled &&
        last.to + last.lines * last.line_step == p.to && last.lines * line < piece_bytes) {
      last.lines += p.lines;
      return;
    }
  }
  const index_t at_once = std::max<index_t>(1, piece_bytes / line);
  for (index_t j = 0; j < p.lines; j += at_once) {
    piece part = p;
    part.stored += j * line;
    part.to += j * p.line_step;
    part.lines = std::min(at_once, p.lines - j);
    pieces.push_back(part);
  }
}

}  // namespace

/// In the coordinates of the file: flips are in the steps.
struct boxes::window {
  index_t channel, channels, top, lines, left, columns;
  index_t line_step, column_step, channel_step;  // bytes in the output
  index_t first;                                 // from the output's start to (channel, top, left)
};

boxes::boxes(array_info info, std::shared_ptr<const descriptor> file, page_index index,
             const pixel_rule& rule, index_t images)
    : box_source(std::move(info)),
      index_(std::move(index)),
      rule_(rule),
      reader_(std::move(file), index_.big_endian, rule),
      leading_(int(this->info().axes.size()) - (rule.channels > 1 ? 3 : 2)) {
  const layout& how = index_.layouts[0];
  if (images > index_t(index_.pages.size()))
    image_bytes_ = how.line_bytes() * how.height * (how.planar ? how.samples : 1);
}

shape boxes::block() const {
  const layout& how = index_.layouts[0];
  std::vector<index_t> n(info().axes.size(), 1);
  if (rule_.channels > 1 && !how.planar) n[std::size_t(leading_)] = rule_.channels;
  index_t lines = how.block_height;
  if (how.compression == 1 && !how.tiled)
    lines = std::max(lines, piece_bytes / 4 / how.line_bytes());
  n[n.size() - 2] = std::min(lines, how.height);
  n[n.size() - 1] = std::min(how.block_width, how.width);
  return shape(n);
}

void boxes::do_read(const shape& origin, const shape& extents, void* out) const {
  const layout& how = index_.layouts[0];
  const int rank = origin.rank(), y = rank - 2, x = rank - 1;
  const bool flip_x = how.orientation == 2 || how.orientation == 3;
  const bool flip_y = how.orientation == 3 || how.orientation == 4;
  const index_t size = size_of(rule_.type), line = extents[x] * size;
  window w{0, 1, origin[y], extents[y], origin[x], extents[x], line, size, extents[y] * line, 0};
  if (rule_.channels > 1) w.channel = origin[leading_], w.channels = extents[leading_];
  if (flip_x) {
    w.left = how.width - origin[x] - extents[x];
    w.column_step = -size;
    w.first += line - size;
  }
  if (flip_y) {
    w.top = how.height - origin[y] - extents[y];
    w.line_step = -line;
    w.first += (extents[y] - 1) * line;
  }
  const shape stack(origin.extents().first(std::size_t(leading_)));
  const shape box(extents.extents().first(std::size_t(leading_)));
  const index_t image_size = w.channels * w.channel_step;
  std::vector<piece> pieces;
  for (index_t i = 0; i < box.count(); ++i) {
    index_t image = 0, rest = i, scale = 1;
    for (int a = leading_ - 1; a >= 0; --a) {
      image += (stack[a] + rest % box[a]) * scale;
      rest /= box[a];
      scale *= info().axes[std::size_t(a)].size;
    }
    plan(image, w, static_cast<std::byte*>(out) + i * image_size, pieces);
  }

  run_each(index_t(pieces.size()), [&](index_t i) { reader_.read(pieces[std::size_t(i)]); });
  if (rule_.inverted)
    invert({static_cast<std::byte*>(out), std::size_t(box.count() * image_size)}, rule_.type,
           how.bits);
}

void boxes::plan(index_t image, const window& w, std::byte* out, std::vector<piece>& pieces) const {
  const bool own_page = image_bytes_ == 0;
  const page& from = index_.pages[own_page ? std::size_t(image) : 0];
  const layout& how = index_.layout_of(from);
  const index_t shift = own_page ? 0 : image * image_bytes_;
  piece p{.from = &from, .how = &how};
  p.line_step = w.line_step;
  p.column_step = w.column_step;
  p.channel_step = w.channel_step;
  const int planes = how.planar ? int(w.channels) : 1;
  for (int s = 0; s < planes; ++s) {
    p.channel = how.planar ? 0 : int(w.channel);
    p.channels = how.planar ? 1 : int(w.channels);
    p.to = out + w.first + s * w.channel_step;
    const int plane = how.planar ? int(w.channel) + s : 0;
    const index_t last = (w.top + w.lines - 1) / how.block_height;
    for (index_t row = w.top / how.block_height; row <= last; ++row)
      plan_row(row, plane, shift, p, w, pieces);
  }
}

void boxes::plan_row(index_t row, int plane, index_t shift, piece p, const window& w,
                     std::vector<piece>& pieces) const {
  const layout& how = *p.how;
  const index_t top = row * how.block_height;
  const index_t begin = std::max(w.top, top);
  p.lines = std::min(w.top + w.lines, top + how.block_height) - begin;
  p.top = begin - top;
  const index_t first = w.left / how.block_width;
  const index_t count = (w.left + w.columns - 1) / how.block_width - first + 1;
  const index_t number = (plane * how.blocks_down() + row) * how.blocks_across() + first;
  std::vector<index_t> stored;
  if (how.compression == 1)
    stored = read_numbers(reader_.bytes(), index_.big_endian, p.from->offsets, number, count);
  std::byte* const to = p.to + (begin - w.top) * w.line_step;
  for (index_t i = 0; i < count; ++i) {
    const index_t left = (first + i) * how.block_width, start = std::max(w.left, left);
    p.block = number + i;
    p.left = start - left;
    p.columns = std::min(w.left + w.columns, left + how.block_width) - start;
    p.to = to + (start - w.left) * w.column_step;
    if (how.compression != 1) {
      pieces.push_back(p);
      continue;
    }
    const index_t at = stored[std::size_t(i)];
    if (at == 0)
      throw data_error(fmt::format("{}: page {}: {} {} is not stored (a sparse file)",
                                   reader_.bytes().name, p.from->number,
                                   how.tiled ? "tile" : "strip", p.block));
    p.stored = at + shift + p.top * how.line_bytes();
    add_stored(p, pieces);
  }
}

}  // namespace ir::tiff
