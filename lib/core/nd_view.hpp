#pragma once
#include "core/index.hpp"

#ifdef __CUDACC__
#define IR_HD __host__ __device__
#else
#define IR_HD
#endif

namespace ir {

/// Borrowed n-D array in C order for kernels; const-ness lies in T. An aggregate, so kernels are
/// too.
template <class T, int Rank>
struct nd_view {
  T* data;
  index_t n[Rank];

  IR_HD index_t extent(int axis) const { return n[axis]; }
  template <class... I>
  IR_HD T& operator()(I... i) const {
    static_assert(sizeof...(I) == Rank, "one index for each axis");
    const index_t at[] = {static_cast<index_t>(i)...};
    index_t offset = at[0];
    for (int axis = 1; axis < Rank; ++axis) offset = offset * n[axis] + at[axis];
    return data[offset];
  }
};

/// y = A x or y += A x: sums and stacks of operators need no temporary.
enum class mode : std::uint8_t { set, add };

template <class T>
IR_HD void put(T& to, T value, mode how) {
  to = how == mode::add ? to + value : value;
}

namespace detail {
/// A kernel of rank R at (k, j, i).
template <int R, class Kernel>
IR_HD void call(const Kernel& kernel, [[maybe_unused]] index_t k, [[maybe_unused]] index_t j,
                index_t i) {
  static_assert(R >= 1 && R <= 3, "kernels have one, two or three indices");
  if constexpr (R == 3)
    kernel(k, j, i);
  else if constexpr (R == 2)
    kernel(j, i);
  else
    kernel(i);
}
}  // namespace detail

}  // namespace ir
