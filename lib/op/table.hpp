#pragma once
#include <span>
#include <type_traits>
#include <vector>

#include "core/array.hpp"
#include "core/queue.hpp"

namespace ir {

/// Constants of an operator where its kernels run: numbers, indices. Made once, then read only.
template <class T>
class table {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  table() = default;
  table(queue& q, std::span<const T> values) : count_(std::ssize(values)) {
    if (values.empty()) return;
    const shape bytes{count_ * index_t{sizeof(T)}};
    memory_ = array(q, dtype::u8, bytes);
    copy(q, cref(values.data(), dtype::u8, bytes), memory_.get());
    q.synchronize();  // `values` may go
  }
  const T* data() const {
    return count_ == 0 ? nullptr : static_cast<const T*>(memory_.get().data);
  }
  index_t count() const { return count_; }

 private:
  index_t count_ = 0;
  array memory_;
};

/// The same numbers in T, on the queue's device.
template <class T>
table<T> table_of(queue& q, std::span<const double> values) {
  return table<T>(q, std::vector<T>(values.begin(), values.end()));
}

}  // namespace ir
