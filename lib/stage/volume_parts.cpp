#include "stage/volume_parts.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace ir {

region planes_of(const array_info& a, int array_no, index_t frame, index_t volume, int rank,
                 index_t first, index_t run) {
  const shape n = extents_of(a);
  const int outer = n.rank() - rank;
  std::vector<index_t> origin(static_cast<std::size_t>(n.rank()), 0);
  std::vector<index_t> extents(n.extents().begin(), n.extents().end());
  for (int axis = outer - 1; axis >= 0; --axis) {
    origin[static_cast<std::size_t>(axis)] = volume % n[axis];
    extents[static_cast<std::size_t>(axis)] = 1;
    volume /= n[axis];
  }
  origin[static_cast<std::size_t>(outer)] = first;
  extents[static_cast<std::size_t>(outer)] = run;
  return {array_no, frame, shape(origin), shape(extents)};
}

void line_parts::start(cref lines, const array_info& out, int array_no, index_t number,
                       index_t first) {
  lines_ = lines;
  out_ = &out;
  array_no_ = array_no;
  number_ = number;
  first_ = first;
  at_ = 0;
  const int rank = lines.extents.rank();
  count_ = rank == 0 ? 1 : lines.extents.count() / lines.extents[rank - 1];
}

void line_parts::give(frame& f, queue& q) {
  const index_t count = std::min(lines_a_part(*out_), count_ - at_);
  const cref part = lines_->lines(at_, at_ + count);
  f.array_no = array_no_;
  f.number = number_;
  f.begin = first_ + at_;
  f.end = f.begin + count;
  f.meta = nullptr;
  f.data.reset(q, part.type, count == line_count(*out_) ? extents_of(*out_) : part.extents);
  std::memcpy(f.data.get().data, part.data, static_cast<std::size_t>(part.bytes()));
  at_ += count;
}

}  // namespace ir
