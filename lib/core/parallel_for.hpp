#pragma once
#include <algorithm>
#include <type_traits>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/queue.hpp"
#include "core/row_runner.hpp"

namespace ir {

namespace cuda {
// Defined in core/launch.cuh, instantiated in the kernel's .cu: a missing one does not link.
template <class Kernel, std::size_t R>
void launch(queue&, const index_t (&n)[R], const Kernel&);
template <class Kernel>
double sum(queue&, index_t n, const Kernel&);
}  // namespace cuda

namespace detail {

// Hidden: a program that links libir may be compiled without CUDA.
template <class Kernel, std::size_t R>
[[gnu::visibility("hidden")]] void launch_on_device([[maybe_unused]] queue& q,
                                                    [[maybe_unused]] const index_t (&n)[R],
                                                    [[maybe_unused]] const Kernel& kernel) {
#ifdef IR_WITH_CUDA
  cuda::launch(q, n, kernel);
#else
  throw device_error("this loop has no CUDA version");
#endif
}
template <class Kernel>
[[gnu::visibility("hidden")]] double sum_on_device([[maybe_unused]] queue& q,
                                                   [[maybe_unused]] index_t n,
                                                   [[maybe_unused]] const Kernel& kernel) {
#ifdef IR_WITH_CUDA
  return cuda::sum(q, n, kernel);
#else
  throw device_error("this sum has no CUDA version");
#endif
}

}  // namespace detail

/// kernel(i), kernel(j, i) or kernel(k, j, i) for every index below n, slowest first, on the
/// queue's device: asynchronous on a GPU. The kernel is a functor of views and scalars. Bits do not
/// depend on the number of threads. device_error: a GPU's queue in a build without CUDA.
template <class Kernel, std::size_t R>
[[gnu::visibility("hidden")]] void parallel_for(queue& q, const index_t (&n)[R],
                                                const Kernel& kernel) {
  static_assert(std::is_trivially_copyable_v<Kernel>, "a kernel travels to the GPU by value");
  static_assert(R >= 1 && R <= 3);
  if (q.where().kind == device::cuda) return detail::launch_on_device(q, n, kernel);

  const index_t nz = R > 2 ? n[0] : 1, ny = R > 1 ? n[R - 2] : 1, nx = n[R - 1];
  constexpr index_t piece = 1 << 14;  // elements a task: a long row is cut, short rows are joined
  const index_t cuts = (nx + piece - 1) / piece;
  run_blocks(nz * ny * cuts, std::max<index_t>(1, piece / std::max<index_t>(1, nx)),
             [&](index_t begin, index_t end) noexcept {
               for (index_t r = begin; r < end; ++r) {
                 const index_t row = r / cuts, first = r % cuts * piece;
                 run_row<int(R)>(kernel, row / ny, row % ny, first, std::min(first + piece, nx));
               }
             });
}

/// The sum of kernel(i), a double, over i < n; the kernel may write element i as well. Waits for
/// the result. The same bits for any number of threads and any instruction-set level.
template <class Kernel>
[[nodiscard, gnu::visibility("hidden")]] double sum_for(queue& q, index_t n, const Kernel& kernel) {
  static_assert(std::is_trivially_copyable_v<Kernel>, "a kernel travels to the GPU by value");
  if (q.where().kind == device::cuda) return detail::sum_on_device(q, n, kernel);
  constexpr index_t piece = 1 << 14;
  return sum_blocks(
      n, piece, [&](index_t begin, index_t end) noexcept { return sum_row(kernel, begin, end); });
}

}  // namespace ir
