#pragma once
#include <cstdint>

#include "core/shape.hpp"

namespace ir {

/// Threads that all loops of the process use together; run_tool sets it once from thread_count().
/// Until then it is thread_count().
void set_threads(int);
int threads();

namespace detail {
using block_body = void (*)(const void* body, index_t begin, index_t end) noexcept;
void run_blocks(index_t n, index_t block, const void* body, block_body);
using block_term = double (*)(const void* body, index_t begin, index_t end) noexcept;
double sum_blocks(index_t n, index_t block, const void* body, block_term);
}  // namespace detail

/// body(begin, end) for [0, block), [block, 2 block), ... up to n, on the pool's threads. The
/// boundaries depend on n and block alone. May be nested. Returns when all is done.
template <class Body>
void run_blocks(index_t n, index_t block, const Body& body) {
  static_assert(noexcept(body(n, n)), "nothing may leave a parallel region");
  detail::run_blocks(n, block, &body, [](const void* b, index_t begin, index_t end) noexcept {
    (*static_cast<const Body*>(b))(begin, end);
  });
}

/// The sum of body(begin, end) over the same blocks, added in their order: the same bits for any
/// number of threads.
template <class Body>
[[nodiscard]] double sum_blocks(index_t n, index_t block, const Body& body) {
  static_assert(noexcept(body(n, n)), "nothing may leave a parallel region");
  return detail::sum_blocks(n, block, &body,
                            [](const void* b, index_t begin, index_t end) noexcept -> double {
                              return (*static_cast<const Body*>(b))(begin, end);
                            });
}

}  // namespace ir
