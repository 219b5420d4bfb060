#pragma once
#include <algorithm>
#include <atomic>

#include "core/parallel.hpp"
#include "denoise/border.hpp"
#include "denoise/denoiser.hpp"

namespace ir::detail {

/// A slab (z, y, x) of each channel, missing axes of extent 1 first, and the box of it that is
/// kept: all of it but on the slowest axis.
struct filter_box {
  index_t channels = 1;
  index_t n[3] = {1, 1, 1};
  index_t first[3] = {0, 0, 0};
  index_t kept[3] = {1, 1, 1};

  filter_box(const shape& slab, plane_range keep);
  index_t slab_count() const { return n[0] * n[1] * n[2]; }
  index_t kept_count() const { return kept[0] * kept[1] * kept[2]; }
};

/// The halo of a filter whose rule at the borders is circular: the whole axis.
inline constexpr index_t whole_axis = index_t{1} << 40;

/// body(task, worker) for every task, by `workers` threads that take the next one; polls and tells
/// progress about every 50 ms, given the time of a task.
template <class Body>
void run_tasks(queue& q, index_t tasks, int workers, double task_seconds, const Body& body) {
  static_assert(noexcept(body(tasks, workers)), "nothing may leave a parallel region");
  const double fit = std::min(0.05 * workers / task_seconds, 1e9);
  const auto batch = std::max<index_t>(workers, static_cast<index_t>(fit));
  for (index_t begin = 0; begin < tasks; begin += batch) {
    const index_t end = std::min(tasks, begin + batch);
    q.poll();
    std::atomic<index_t> next = begin;
    ir::run_blocks(workers, 1, [&](index_t worker, index_t) noexcept {
      for (index_t task = next++; task < end; task = next++) body(task, static_cast<int>(worker));
    });
    q.progress("tile", end, tasks);
  }
}

}  // namespace ir::detail
