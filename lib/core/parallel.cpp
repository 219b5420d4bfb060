#include "core/parallel.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "core/error.hpp"
#include "core/resources.hpp"

namespace ir {
namespace {

/// The arena that all loops run in. The limit of the process comes first: without it TBB never
/// starts more threads than there are processors in the affinity mask.
struct pool {
  explicit pool(int n)
      : limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(n)),
        arena(n) {}
  tbb::global_control limit;
  tbb::task_arena arena;
};

std::mutex pool_mutex;
std::atomic<int> wanted{0};  // 0: nobody said
std::shared_ptr<pool> current;

std::shared_ptr<pool> get_pool(int n) {
  const std::lock_guard lock(pool_mutex);
  if (!current || current->arena.max_concurrency() != n) current = std::make_shared<pool>(n);
  return current;
}

}  // namespace

void set_threads(int n) {
  if (n < 1) throw usage_error(fmt::format("{} threads: at least 1 is expected", n));
  wanted = n;
}

int threads() {
  if (wanted == 0) wanted = thread_count();
  return wanted;
}

namespace detail {

void run_blocks(index_t n, index_t block, const void* body, block_body call) {
  const index_t blocks = (n + block - 1) / block;
  const auto one = [=](index_t b) { call(body, b * block, std::min((b + 1) * block, n)); };
  const int workers = threads();
  if (blocks <= 1 || workers == 1) {  // small work never starts the pool
    for (index_t b = 0; b < blocks; ++b) one(b);
    return;
  }
  get_pool(workers)->arena.execute([&] { tbb::parallel_for(index_t{0}, blocks, one); });
}

double sum_blocks(index_t n, index_t block, const void* body, block_term call) {
  const index_t blocks = (n + block - 1) / block;
  if (blocks <= 0) return 0;
  std::vector<double> terms(static_cast<std::size_t>(blocks));
  ir::run_blocks(blocks, 1, [&](index_t begin, index_t end) noexcept {
    for (index_t b = begin; b < end; ++b)
      terms[static_cast<std::size_t>(b)] = call(body, b * block, std::min((b + 1) * block, n));
  });
  double sum = 0;
  for (const double term : terms) sum += term;
  return sum;
}

}  // namespace detail
}  // namespace ir
