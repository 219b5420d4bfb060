#include "io/picked_boxes.hpp"

namespace ir {
namespace {

using extents_list = std::vector<index_t>;

extents_list list_of(const shape& n) { return {n.extents().begin(), n.extents().end()}; }

}  // namespace

picked_boxes::picked_boxes(array_info info, std::shared_ptr<const box_source> from,
                           std::vector<index_t> indices)
    : box_source(std::move(info)), from_(std::move(from)), indices_(std::move(indices)) {}

void picked_boxes::do_read(const shape& origin, const shape& extents, void* out) const {
  extents_list o = list_of(origin), n = list_of(extents);
  const dtype type = info().type;
  const index_t bytes = extents.count() / extents[0] * size_of(type);
  auto* to = static_cast<std::byte*>(out);
  const index_t end = origin[0] + extents[0];
  for (index_t k = origin[0]; k < end;) {
    const index_t first = indices_[static_cast<std::size_t>(k)];
    index_t run = 1;
    while (k + run < end && indices_[static_cast<std::size_t>(k + run)] == first + run) ++run;
    o[0] = first;
    n[0] = run;
    from_->read(shape(o), shape(n), {to, type, shape(n)});
    to += run * bytes;
    k += run;
  }
}

relabelled_boxes::relabelled_boxes(array_info info, std::shared_ptr<const box_source> from)
    : box_source(std::move(info)),
      from_(std::move(from)),
      new_axis_(this->info().axes.size() > from_->info().axes.size()) {}

shape relabelled_boxes::block() const {
  extents_list n = list_of(from_->block());
  if (new_axis_) n.insert(n.begin(), 1);
  return shape(n);
}

void relabelled_boxes::do_read(const shape& origin, const shape& extents, void* out) const {
  extents_list o = list_of(origin), n = list_of(extents);
  if (new_axis_) {
    o.erase(o.begin());
    n.erase(n.begin());
  }
  from_->read(shape(o), shape(n), {out, info().type, shape(n)});
}

}  // namespace ir
