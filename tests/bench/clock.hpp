#pragma once
#include <algorithm>
#include <ctime>
#include <limits>

namespace ir::bench {

/// CPU seconds of this process, all threads: what another process on the machine does not change
/// much.
inline double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// The least of several measurements.
struct least {
  double seconds = std::numeric_limits<double>::max();
  template <class Work>
  void measure(const Work& work) {
    const double start = cpu_seconds();
    work();
    seconds = std::min(seconds, cpu_seconds() - start);
  }
};

}  // namespace ir::bench
