#include "io/irs_order.hpp"

#include <fmt/core.h>

#include "core/error.hpp"
#include "io/source.hpp"

namespace ir::irs {

record_order::record_order(const stream_header& h, std::string where)
    : where_(std::move(where)), data_(data_index(h)), frames_(h.arrays.size(), 0) {
  for (const array_info& info : h.arrays) {
    const index_t lines = line_count(info);
    arrays_.push_back({info.name, lines, frame_bytes(info) / lines, info.frames.value_or(-1)});
  }
  if (arrays_[data_].frames < 0 && !h.along.name.empty() && h.along.size > 0)
    arrays_[data_].frames = h.along.size;
}

void record_order::accept(const record_header& r) {
  if (r.array_no >= arrays_.size())
    refuse(fmt::format("a frame of array {}: there are {}", r.array_no, arrays_.size()));
  check_place(r);
  check_size(r);
  data_begun_ = data_begun_ || r.array_no == data_;
  line_ = r.first_line + r.lines;
  open_ = static_cast<int>(r.array_no);
  if (line_ < arrays_[r.array_no].lines) return;
  open_ = -1;
  ++frames_[r.array_no];
}

void record_order::check_place(const record_header& r) const {
  const std::string name = called(r.array_no);
  const bool continues = open_ >= 0 && static_cast<std::uint32_t>(open_) == r.array_no;
  if (open_ >= 0 && (!continues || r.number != frames_[open_] || r.first_line != line_))
    refuse(fmt::format("frame {} of {} from line {}: line {} of frame {} of {} is expected",
                       r.number, name, r.first_line, line_, frames_[open_], called(open_)));
  if (open_ < 0 && (r.number != frames_[r.array_no] || r.first_line != 0))
    refuse(fmt::format("frame {} of {} from line {}: line 0 of frame {} is expected", r.number,
                       name, r.first_line, frames_[r.array_no]));
  const index_t most = arrays_[r.array_no].frames;
  if (most >= 0 && r.number >= most)
    refuse(fmt::format("frame {} of {}: the header says that it has {}", r.number, name, most));
  if (r.array_no != data_ && data_begun_)
    refuse(fmt::format("a frame of {} after the first frame of the data", name));
  if (r.array_no != data_ || data_begun_) return;
  for (std::size_t i = 0; i < arrays_.size(); ++i)
    if (i != data_ && arrays_[i].frames >= 0 && frames_[i] != arrays_[i].frames)
      refuse(fmt::format("the data begin after {} frames of {}, which has {}", frames_[i],
                         called(i), arrays_[i].frames));
}

void record_order::check_size(const record_header& r) const {
  const expected& a = arrays_[r.array_no];
  if (r.lines < 1 || r.lines > a.lines - r.first_line)
    refuse(fmt::format("lines {} to {} of {}: a frame has {}", r.first_line, r.first_line + r.lines,
                       called(r.array_no), a.lines));
  if (r.payload != r.lines * a.line_bytes)
    refuse(fmt::format("{} bytes for {} lines of {}: {} are needed", r.payload, r.lines,
                       called(r.array_no), r.lines * a.line_bytes));
  if (r.lines > 1 && r.payload > largest_part_bytes)
    refuse(fmt::format("a part of {} bytes: at most {} are allowed, or one line", r.payload,
                       largest_part_bytes));
  if (r.json > 0 && r.first_line > 0)
    refuse("JSON in a later part of a frame: it belongs to the first");
}

void record_order::finish(const std::vector<index_t>& counts) const {
  if (inside_frame())
    refuse(fmt::format("the end mark comes inside frame {} of {}", frames_[open_], called(open_)));
  if (counts != frames_) {
    for (std::size_t i = 0; i < frames_.size() && counts.size() == frames_.size(); ++i)
      if (counts[i] != frames_[i])
        refuse(fmt::format("{} frames of {} came, the end mark counts {}", frames_[i], called(i),
                           counts[i]));
    refuse(
        fmt::format("the end mark counts {} arrays, the header {}", counts.size(), frames_.size()));
  }
  for (std::size_t i = 0; i < arrays_.size(); ++i)
    if (arrays_[i].frames >= 0 && frames_[i] != arrays_[i].frames)
      refuse(fmt::format("{} frames of {}: the header says {}", frames_[i], called(i),
                         arrays_[i].frames));
}

void record_order::refuse(const std::string& why) const {
  throw data_error(fmt::format("{}: {}", where_, why));
}

std::string record_order::called(std::size_t i) const {
  return fmt::format("array '{}'", arrays_[i].name);
}

}  // namespace ir::irs
