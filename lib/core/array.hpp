#pragma once
#include <complex>
#include <memory>
#include <type_traits>

#include "core/device.hpp"
#include "core/dtype.hpp"
#include "core/nd_view.hpp"
#include "core/shape.hpp"

namespace ir {

class queue;

namespace detail {
[[noreturn]] void view_mismatch(dtype has, dtype asked, const shape& extents, int rank,
                                index_t count);
template <class T>
constexpr bool holds(dtype t) {
  using U = std::remove_const_t<T>;
  if constexpr (std::is_same_v<U, std::uint8_t>)
    return t == dtype::u8;
  else if constexpr (std::is_same_v<U, std::int8_t>)
    return t == dtype::i8;
  else if constexpr (std::is_same_v<U, std::uint16_t>)
    return t == dtype::u16;
  else if constexpr (std::is_same_v<U, std::int16_t>)
    return t == dtype::i16;
  else if constexpr (std::is_same_v<U, std::uint32_t>)
    return t == dtype::u32;
  else if constexpr (std::is_same_v<U, std::int32_t>)
    return t == dtype::i32;
  else if constexpr (std::is_same_v<U, float>)
    return t == dtype::f32;
  else if constexpr (std::is_same_v<U, double>)
    return t == dtype::f64;
  else if constexpr (std::is_same_v<U, std::complex<float>>)
    return t == dtype::c64;
  else if constexpr (std::is_same_v<U, std::complex<double>>)
    return t == dtype::c128;
  else
    return false;
}
template <class T>
constexpr dtype type_of() {
  for (int t = 0; t <= static_cast<int>(dtype::c128); ++t)
    if (holds<T>(static_cast<dtype>(t))) return static_cast<dtype>(t);
  return dtype::c128;
}
}  // namespace detail

/// Borrowed contiguous n-D array on some device; V is void or const void. Passed by value.
template <class V>
struct basic_ref {
  V* data;
  dtype type;
  shape extents;
  device where;

  basic_ref(V* d, dtype t, const shape& n, device w = {})
      : data(d), type(t), extents(n), where(w) {}
  template <class W>
  requires std::is_same_v<V, const W> basic_ref(const basic_ref<W>& r)
      : data(r.data), type(r.type), extents(r.extents), where(r.where) {}

  index_t bytes() const { return extents.count() * size_of(type); }
  /// Lines [begin, end) of the fastest axis, as an array (end - begin, nx).
  basic_ref lines(index_t begin, index_t end) const {
    using byte = std::conditional_t<std::is_const_v<V>, const std::byte, std::byte>;
    const index_t nx = extents.rank() > 0 ? extents[extents.rank() - 1] : 1;
    return {static_cast<byte*>(data) + begin * nx * size_of(type), type, shape{end - begin, nx},
            where};
  }
};
using ref = basic_ref<void>;
using cref = basic_ref<const void>;

template <class V, class T>
using like = std::conditional_t<std::is_const_v<V>, const T, T>;

/// The same elements with other extents `n`; throws shape_error if the counts differ or T is not
/// the type held.
template <class T, class V, std::size_t R>
nd_view<like<V, T>, int(R)> view(const basic_ref<V>& r, const index_t (&n)[R]) {
  nd_view<like<V, T>, int(R)> v{static_cast<like<V, T>*>(r.data), {}};
  index_t count = 1;
  for (std::size_t i = 0; i < R; ++i) count *= v.n[i] = n[i];
  if (!detail::holds<T>(r.type) || count != r.extents.count())
    detail::view_mismatch(r.type, detail::type_of<T>(), r.extents, int(R), count);
  return v;
}

/// Typed view; missing leading axes are 1, so a 3-D kernel serves images. Throws shape_error.
template <class T, int R, class V>
nd_view<like<V, T>, R> view(const basic_ref<V>& r) {
  index_t n[R];
  const int missing = R - r.extents.rank();
  if (missing < 0) detail::view_mismatch(r.type, detail::type_of<T>(), r.extents, R, -1);
  for (int i = 0; i < R; ++i) n[i] = i < missing ? 1 : r.extents[i - missing];
  return view<T>(r, n);
}

/// Owner of an n-D array, move-only. Its memory comes and goes in the order of its queue; the
/// contents of a new array are undefined.
class array {
 public:
  array();
  array(queue&, dtype, const shape&);  // memory_error (CPU) or busy_error (GPU): it does not fit
  array(array&&) noexcept;
  array& operator=(array&&) noexcept;
  ~array();

  ref get();
  cref get() const;
  /// Another type and shape; keeps storage that is large enough: no fresh pages for each frame.
  void reset(queue&, dtype, const shape&);
  /// Hands the array to the thread of another queue of the same device: event, wait, re-own.
  void adopt(queue& by);
  bool empty() const { return storage_ == nullptr; }

 private:
  struct storage;
  std::unique_ptr<storage> storage_;
  dtype type_ = dtype::u8;
  shape extents_{0};
};

/// Copies any dtype to any other between any devices, asynchronously; nothing else crosses devices.
/// To integers: rounds half to even, then saturates; NaN becomes 0. Complex to real is a
/// usage_error.
void copy(queue&, cref from, ref to);

}  // namespace ir
