#pragma once
#include <exception>
#include <mutex>

#include "core/parallel.hpp"

namespace ir {

/// body(i) for i in [0, n) on the pool's threads, where bodies may throw: all are run, then the
/// exception of the lowest i is thrown, the same one for any number of threads.
template <class Body>
void run_each(index_t n, const Body& body) {
  std::mutex lock;
  std::exception_ptr caught;
  index_t lowest = n;
  run_blocks(n, 1, [&](index_t begin, index_t end) noexcept {
    for (index_t i = begin; i < end; ++i) try {
        body(i);
      } catch (...) {
        const std::lock_guard guard(lock);
        if (i < lowest) caught = std::current_exception(), lowest = i;
      }
  });
  if (caught) std::rethrow_exception(caught);
}

}  // namespace ir
