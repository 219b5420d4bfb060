#pragma once
#include <optional>
#include <span>
#include <vector>

#include "core/queue.hpp"

namespace ir {

enum class field : std::uint8_t { real, complex };

/// A product of real and complex n-D spaces. An element is one flat buffer of reals: blocks start
/// at 64-byte aligned offsets, gaps are 0, so solvers, blas1 and checkpoints know one case.
class space {
 public:
  struct block {
    shape extents;
    field of;
    int spatial;     // trailing axes that are space; channels and components precede
    index_t offset;  // in reals
    friend bool operator==(const block&, const block&) = default;
  };
  space(const shape&, field = field::real, std::optional<int> spatial = {});

  std::span<const block> blocks() const { return blocks_; }
  index_t size() const { return size_; }  // in reals, gaps included
  /// Of the only block, else shape_error.
  const shape& extents() const;

  friend space operator|(const space&, const space&);  // product
  friend bool operator==(const space&, const space&) = default;

 private:
  std::vector<block> blocks_;
  index_t size_ = 0;
};

/// Whether two spaces have blocks of the same extents and fields, whatever of them is spatial.
bool same_blocks(const space&, const space&);

std::string to_string(const space&);  // "64x64 | 63x64 complex"
std::ostream& operator<<(std::ostream&, const space&);

/// Borrowed element of a space that outlives it; passed by value.
template <class V>
class basic_vec {
 public:
  basic_vec(V* data, precision type, const space& in, device where)
      : data_(data), type_(type), in_(&in), where_(where) {}
  template <class W>
  requires std::is_same_v<V, const W> basic_vec(const basic_vec<W>& v)
      : basic_vec(v.data(), v.type(), v.in(), v.where()) {}

  V* data() const { return data_; }
  const space& in() const { return *in_; }
  precision type() const { return type_; }
  device where() const { return where_; }
  /// One block as an array of f32, f64, c64 or c128.
  basic_ref<V> block(int i = 0) const {
    const space::block& b = in_->blocks()[static_cast<std::size_t>(i)];
    return {at(b.offset), b.of == field::real ? real_type(type_) : complex_type(type_), b.extents,
            where_};
  }
  /// Blocks `first` and following as an element of `part`, which must outlive it; shape_error if
  /// they differ.
  basic_vec slice(int first, const space& part) const;

 private:
  V* at(index_t reals) const {
    using byte = std::conditional_t<std::is_const_v<V>, const std::byte, std::byte>;
    return static_cast<byte*>(data_) + reals * size_of(real_type(type_));
  }
  V* data_;
  precision type_;
  const space* in_;
  device where_;
};
using vec = basic_vec<void>;
using cvec = basic_vec<const void>;
extern template class basic_vec<void>;
extern template class basic_vec<const void>;

template <class T, int R, class V>
auto view(const basic_vec<V>& x) {
  return view<T, R>(x.block());
}
template <class T, class V, std::size_t R>
auto view(const basic_vec<V>& x, const index_t (&n)[R]) {
  return view<T>(x.block(), n);
}

/// Owner of an element; starts as zero.
class owned_vec {
 public:
  owned_vec(queue&, const space&, precision);
  operator vec();
  operator cvec() const;

 private:
  space in_;
  precision type_;
  array data_;
};

/// An element in the queue's scratch memory; undefined contents, gaps 0.
class scratch_vec {
 public:
  scratch_vec(queue&, const space&, precision);
  operator vec() const { return {memory_.data(), type_, *in_, where_}; }
  operator cvec() const { return {memory_.data(), type_, *in_, where_}; }

 private:
  const space* in_;
  precision type_;
  device where_;
  scratch memory_;
};
index_t scratch_bytes_of(const space&, precision);
index_t real_count(const space&);  // that an element holds, gaps left out

/// Where a precision becomes a type.
template <class F>
void with_real(precision p, F&& f) {
  p == precision::f32 ? f.template operator()<float>() : f.template operator()<double>();
}

}  // namespace ir
