#include "core/queue.hpp"

#include <fmt/format.h>

#include <cassert>
#include <unordered_map>
#include <vector>

#include "core/device_runtime.hpp"
#include "core/error.hpp"
#include "core/host_memory.hpp"
#include "core/isa.hpp"

namespace ir {
namespace {

constexpr index_t alignment = 64;  // a cache line, and the widest vector

index_t aligned(index_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

}  // namespace

struct queue::impl {
  struct chunk {
    void* data;
    index_t size, used;
  };

  device where;
  std::shared_ptr<const cancellation> cancel;
  std::shared_ptr<void> stream;
  std::shared_ptr<listener> heard_by;
  std::vector<chunk> chunks;  // more than one only while it grows
  std::size_t top = 0;        // the chunk in use; those above are empty
  std::unordered_map<const void*, std::shared_ptr<void>> slots;

  void add_chunk(index_t bytes) {
    void* data =
        where.kind == device::cuda ? cuda::allocate(stream.get(), bytes) : host_allocate(bytes);
    chunks.push_back({data, bytes, 0});
  }
  void drop_chunks() noexcept {
    for (const chunk& c : chunks) {
      if (where.kind == device::cuda)
        cuda::release(stream.get(), c.data);
      else
        host_release(c.data);
    }
    chunks.clear();
    top = 0;
  }
  index_t size() const {
    index_t sum = 0;
    for (const chunk& c : chunks) sum += c.size;
    return sum;
  }
  bool idle() const { return chunks.empty() || (top == 0 && chunks[0].used == 0); }

  void* take(index_t bytes) {
    if (idle() && chunks.size() > 1) {  // it grew: from now on one chunk of that size
      const index_t all = size();
      drop_chunks();
      add_chunk(std::max(all, bytes));
    }
    if (chunks.empty()) add_chunk(bytes);
    while (chunks[top].size - chunks[top].used < bytes) {
      if (top + 1 == chunks.size()) add_chunk(bytes);
      ++top;
    }
    chunk& c = chunks[top];
    void* data = static_cast<std::byte*>(c.data) + c.used;
    c.used += bytes;
    return data;
  }
  void give_back([[maybe_unused]] void* data, index_t bytes) noexcept {
    while (chunks[top].used == 0) --top;  // passed over for lack of room
    chunk& c = chunks[top];
    c.used -= bytes;
    assert(static_cast<std::byte*>(c.data) + c.used == data);
    while (top > 0 && chunks[top].used == 0) --top;
  }
};

queue::queue(device where, std::shared_ptr<const cancellation> cancel)
    : impl_(std::make_unique<impl>()) {
  (void)isa_level();  // a level that this processor lacks is told here, not in the first loop
  impl_->where = where;
  impl_->cancel = std::move(cancel);
  if (where.kind == device::cuda) impl_->stream = cuda::make_stream(where.ordinal);
}

queue::~queue() {
  impl_->slots.clear();  // they may use the stream
  impl_->drop_chunks();
}

device queue::where() const { return impl_->where; }
void* queue::stream() const { return impl_->stream.get(); }
const std::shared_ptr<void>& queue::stream_owner() const { return impl_->stream; }
index_t queue::reserved() const { return impl_->size(); }

void queue::reserve(index_t scratch_bytes) {
  if (scratch_bytes <= reserved()) return;
  if (!impl_->idle()) throw bug_error("scratch memory is reserved while some of it is in use");
  impl_->drop_chunks();
  impl_->add_chunk(aligned(scratch_bytes));
}

void queue::poll() const {
  if (impl_->cancel) impl_->cancel->poll();
}

void queue::synchronize() {
  if (impl_->stream) cuda::synchronize(stream());
}

std::shared_ptr<void>& queue::slot(const void* key) { return impl_->slots[key]; }
const std::shared_ptr<const cancellation>& queue::cancel() const { return impl_->cancel; }

void queue::listen(std::shared_ptr<listener> l) { impl_->heard_by = std::move(l); }
void queue::progress(std::string_view unit, index_t done, index_t total) const {
  if (impl_->heard_by) impl_->heard_by->progress(unit, done, total);
}
void queue::fact(std::string_view name, double value) const {
  if (impl_->heard_by) impl_->heard_by->fact(name, value);
}

void queue::say(std::string_view line) const {
  if (impl_->heard_by) impl_->heard_by->say(line);
}

scratch::scratch(queue& q, index_t bytes)
    : queue_(&q), data_(nullptr), bytes_(std::max(aligned(bytes), alignment)) {
  data_ = q.impl_->take(bytes_);
}

scratch::~scratch() { queue_->impl_->give_back(data_, bytes_); }

}  // namespace ir
