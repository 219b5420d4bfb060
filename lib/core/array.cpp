#include "core/array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/device_runtime.hpp"
#include "core/error.hpp"
#include "core/host_memory.hpp"
#include "core/queue.hpp"

namespace ir {
namespace detail {

void view_mismatch(dtype has, dtype asked, const shape& extents, int rank, index_t count) {
  if (has != asked)
    throw shape_error(fmt::format("an array of {} {} is asked for as {}", to_string(extents),
                                  name_of(has), name_of(asked)));
  if (count < 0)
    throw shape_error(fmt::format("an array of {} has more than the {} axes asked for",
                                  to_string(extents), rank));
  throw shape_error(fmt::format("an array of {} ({} elements) is asked for as {} elements",
                                to_string(extents), extents.count(), count));
}

}  // namespace detail

struct array::storage {
  storage(queue& q, index_t n) : where(q.where()), stream(q.stream_owner()), bytes(n) {
    data = where.kind == device::cuda ? cuda::allocate(stream.get(), n) : host_allocate(n);
  }
  ~storage() {
    if (where.kind == device::cuda)
      cuda::release(stream.get(), data);
    else
      host_release(data);
  }
  storage(const storage&) = delete;
  storage& operator=(const storage&) = delete;

  device where;
  std::shared_ptr<void> stream;  // whose order the memory follows; null on the CPU
  index_t bytes;
  void* data;
};

array::array() = default;
array::array(queue& q, dtype type, const shape& extents) { reset(q, type, extents); }

array::array(array&& other) noexcept { *this = std::move(other); }

array& array::operator=(array&& other) noexcept {
  storage_ = std::move(other.storage_);
  type_ = std::exchange(other.type_, dtype::u8);
  extents_ = std::exchange(other.extents_, shape{0});
  return *this;
}

array::~array() = default;

ref array::get() {
  return {storage_ ? storage_->data : nullptr, type_, extents_,
          storage_ ? storage_->where : device{}};
}

cref array::get() const { return const_cast<array*>(this)->get(); }

void array::reset(queue& q, dtype type, const shape& extents) {
  const index_t bytes = std::max<index_t>(1, extents.count() * size_of(type));
  if (storage_ && storage_->where == q.where() && storage_->bytes >= bytes) {
    adopt(q);
  } else {
    storage_ = nullptr;  // before the new one: never both in memory
    storage_ = std::make_unique<storage>(q, bytes);
  }
  type_ = type;
  extents_ = extents;
}

void array::adopt(queue& by) {
  if (!storage_) return;
  if (storage_->where != by.where())
    throw usage_error("an array cannot move to the queue of another device: copy it");
  if (storage_->stream == by.stream_owner()) return;
  cuda::order(storage_->stream.get(), by.stream());
  storage_->stream = by.stream_owner();
}

}  // namespace ir
