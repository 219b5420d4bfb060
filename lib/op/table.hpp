#pragma once
#include <span>
#include <type_traits>
#include <vector>

#include "core/array.hpp"
#include "core/space.hpp"

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

/// Real constants in the precision that an operator is built for.
class real_table {
 public:
  real_table() = default;
  real_table(queue& q, std::span<const double> values, precision p) {
    if (p == precision::f32)
      f32_ = table<float>(q, std::vector<float>(values.begin(), values.end()));
    else
      f64_ = table<double>(q, values);
  }
  /// T: float or double, as it was built.
  template <class T>
  const T* as() const {
    if constexpr (std::is_same_v<T, float>)
      return f32_.data();
    else
      return f64_.data();
  }
  index_t count() const { return f32_.count() + f64_.count(); }

 private:
  table<float> f32_;
  table<double> f64_;
};

}  // namespace ir
