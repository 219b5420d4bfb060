#pragma once

namespace ir::detail {

/// N integers as a GNU vector, and how it comes from memory at any address and goes there: through
/// a memcpy g++ moves 16 bytes at a time at level v3, and a load of the whole waits for them.
/// Vectors go by reference: by value their ABI depends on the instruction-set level.
template <class T, int N>
struct vector_lanes {
  using vector [[gnu::vector_size(N * sizeof(T))]] = T;
  using memory [[gnu::vector_size(N * sizeof(T)), gnu::aligned(alignof(T)), gnu::may_alias]] = T;

  [[gnu::always_inline]] static vector& load(vector& to, const T* from) {
    to = *reinterpret_cast<const memory*>(from);
    return to;
  }
  [[gnu::always_inline]] static void store(const vector& from, T* to) {
    *reinterpret_cast<memory*>(to) = from;
  }
};

}  // namespace ir::detail
