#include "stage/element_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "io/rows.hpp"
#include "stage/element.hpp"
#include "stage/frames.hpp"

namespace ir {
namespace {

const array_info& array_of(const stream_header& h, int i) {
  return h.arrays[static_cast<std::size_t>(i)];
}
field field_of(const array_info& a) { return is_complex(a.type) ? field::complex : field::real; }

bool is_block(const array_info& a, const space::block& b) {
  return extents_of(a) == b.extents && field_of(a) == b.of;
}

std::string described(const array_info& a) {
  return to_string(extents_of(a)) + (is_complex(a.type) ? " complex" : "");
}

/// Rows of their own arrays against the blocks of a space.
void match_rows(const stream_header& h, const std::vector<int>& rows, const space& s,
                const std::string& why, const std::vector<std::string>& names) {
  const auto name = [&](std::size_t i) {
    return i < names.size() ? names[i] : "'" + array_of(h, rows[i]).name + "'";
  };
  const auto blocks = s.blocks();
  if (blocks.size() != rows.size())
    throw shape_error(fmt::format("{}, and the data are {} rows", why, rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (const array_info& a = array_of(h, rows[i]); !is_block(a, blocks[i]))
      throw shape_error(fmt::format("{}: frames of row {}, {}, are {}, and {}{} is expected", why,
                                    i, name(i), described(a), to_string(blocks[i].extents),
                                    blocks[i].of == field::complex ? " complex" : ""));
}

}  // namespace

space data_space(const stream_header& h, int rank) {
  const std::vector<int> rows = row_arrays(h);
  space all = space_of(array_of(h, rows[0]), rank);
  for (std::size_t i = 1; i < rows.size(); ++i) all = all | space_of(array_of(h, rows[i]), rank);
  return all;
}

element_layout layout_of(const stream_header& h, const space& s, const std::string& why,
                         const std::vector<std::string>& names) {
  std::vector<int> rows = row_arrays(h);
  if (rows.size() > 1) {
    match_rows(h, rows, s, why, names);
    return {s, std::move(rows), 1};
  }
  const array_info& data = data_of(h);
  if (holds(extents_of(data), field_of(data), s)) return {s, std::move(rows), 1};
  const auto blocks = s.blocks();
  if (!std::ranges::all_of(blocks, [&](const space::block& b) { return is_block(data, b); }))
    throw shape_error(fmt::format("{}, frames of the data are {}", why, described(data)));
  return {s, std::move(rows), static_cast<index_t>(blocks.size())};
}

access access_to(const stream_header& h, const element_layout& l, bool again) {
  const bool one = data_of(h).frames == l.frames;
  return {(l.arrays.size() > 1 || again) && !one ? access::random : access::frames, 0};
}

element_reader::element_reader(std::unique_ptr<frame_source> from, element_layout l, precision p)
    : from_(std::move(from)), layout_(std::move(l)), type_(p), infos_(from_->header().arrays) {}

bool element_reader::is_row(int array_no) const {
  return std::ranges::find(layout_.arrays, array_no) != layout_.arrays.end();
}

void element_reader::take(cref values, std::size_t block, queue& q) {
  if (layout_.arrays.size() > 1 || layout_.frames > 1)
    copy(q, values, vec(*element_).block(static_cast<int>(block)));
  else
    load_element(q, values, *element_);
}

element_reader::found element_reader::next(frame& f, queue& q) {
  while (from_->next(in_, q)) {
    if (!is_row(in_.array_no)) {
      std::swap(f, in_);
      return found::other;
    }
    if (!element_) element_.emplace(q, layout_.of, type_);
    const cref values = std::as_const(in_.data).get();
    const std::size_t last = layout_.arrays.size() - 1;
    if (in_.array_no != layout_.arrays[last]) {
      // Rows before the data come whole, so of the later elements they are read again.
      const auto row = std::ranges::find(layout_.arrays, in_.array_no) - layout_.arrays.begin();
      if (in_.number == 0) take(values, static_cast<std::size_t>(row), q);
      continue;
    }
    take(values, last > 0 ? last : static_cast<std::size_t>(have_), q);
    if (++have_ < layout_.frames) continue;
    have_ = 0;
    now_ = count_++;
    for (std::size_t row = 0; row < last && now_ > 0; ++row)
      read(now_, row, layout_.arrays[row], q);
    return found::element;
  }
  if (have_ > 0)
    throw data_error(fmt::format("the operator has {} rows, and {} frames are left over",
                                 layout_.frames, have_));
  return found::end;
}

void element_reader::read(index_t number, std::size_t block, int array_no, queue& q) {
  const array_info& info = infos_[static_cast<std::size_t>(array_no)];
  const shape n = extents_of(info);
  const std::vector<index_t> origin(static_cast<std::size_t>(n.rank()), 0);
  if (from_->regions() == nullptr) throw bug_error("rows of a stack without regions");
  read_.reset(host_, info.type, n);
  from_->regions()->read({array_no, number, shape(origin), n}, read_.get(), host_);
  take(std::as_const(read_).get(), block, q);
  q.synchronize();
}

void element_reader::again(index_t k, queue& q) {
  if (k == now_) return;
  now_ = k;
  for (std::size_t row = 0; row < layout_.arrays.size(); ++row)
    for (index_t i = 0; i < layout_.frames; ++i)
      read(k * layout_.frames + i, row + static_cast<std::size_t>(i), layout_.arrays[row], q);
}

void element_reader::place(frame& to) const {
  to.number = now_;
  to.meta = in_.meta;
}

element_header with_elements(const stream_header& h, const element_layout& l,
                             std::vector<array_info> blocks) {
  element_header out;
  out.header.meta = h.meta;
  out.header.along = h.along;
  out.place.assign(h.arrays.size(), -1);
  for (std::size_t i = 0; i < h.arrays.size(); ++i)
    if (std::ranges::find(l.arrays, static_cast<int>(i)) == l.arrays.end()) {
      out.place[i] = static_cast<int>(out.header.arrays.size());
      out.header.arrays.push_back(h.arrays[i]);
    }
  std::optional<index_t> frames = data_of(h).frames;
  if (frames && *frames % l.frames != 0)
    throw shape_error(
        fmt::format("the operator has {} rows, and {} frames are no multiple", l.frames, *frames));
  if (frames) *frames /= l.frames;
  out.header.along.size /= l.frames;
  if (l.frames > 1 && frames == index_t{1}) out.header.along = {};
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    array_info& a = blocks[b];
    const bool last = b + 1 == blocks.size();
    a.name = last ? data_of(h).name : row_name(b);
    a.what = last ? role::data : role::other;
    a.frames = frames;
    out.arrays.push_back(static_cast<int>(out.header.arrays.size()));
    out.header.arrays.push_back(std::move(a));
  }
  return out;
}

}  // namespace ir
