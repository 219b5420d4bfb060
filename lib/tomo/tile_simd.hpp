#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

// In a namespace without a name: the files that include it are compiled with flags of their own.
namespace ir::detail {
namespace {

/// `Bytes`: of a register. The types below are GNU vectors.
template <class T, int Bytes>
struct simd {
  static constexpr int lanes = Bytes / static_cast<int>(sizeof(T));
  using integer = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  typedef T reals __attribute__((vector_size(Bytes)));
  typedef integer integers __attribute__((vector_size(Bytes)));

  [[gnu::always_inline]] static reals load(const T* from) {
    reals v;
    std::memcpy(&v, from, Bytes);
    return v;
  }
  [[gnu::always_inline]] static void store(T* to, reals v) { std::memcpy(to, &v, Bytes); }

  /// Lane i is the value at[i], 0 <= at[i] < 2 lanes, of `near` and `far` side by side.
  [[gnu::always_inline]] static reals picked(reals near, reals far, integers at) {
#ifdef __clang__  // has permutations by constants alone
    reals v;
    for (int i = 0; i < lanes; ++i) v[i] = at[i] < lanes ? near[at[i]] : far[at[i] - lanes];
    return v;
#else
    return __builtin_shuffle(near, far, at);
#endif
  }
};

/// first, first + 1, ...
template <class T, int Bytes>
[[gnu::always_inline]] inline typename simd<T, Bytes>::reals columns_from(int first) {
  typename simd<T, Bytes>::reals column;
  for (int i = 0; i < simd<T, Bytes>::lanes; ++i) column[i] = static_cast<T>(first + i);
  return column;
}

}  // namespace
}  // namespace ir::detail
