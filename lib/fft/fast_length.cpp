#include <algorithm>
#include <bit>
#include <cstdint>

#include "fft/plan.hpp"

namespace ir {
namespace {

// Relative cost of one point: of its way to and from memory (fixed), and in the passes over each
// prime factor, a radix 8 counting as three twos. Measured with tests/bench/fft_bench on an AVX-512
// server core. A GPU is bound by memory: there the number of points nearly decides.
struct cost_model {
  double fixed, two, three, five, seven;
};
constexpr cost_model cpu_costs{12, 1, 1.9, 3.2, 5.0};
constexpr cost_model gpu_costs{40, 1, 1.9, 3.2, 5.0};

// Takes the prime p out of n as often as it goes; its cost for each.
double take(index_t& n, index_t p, double cost) {
  double sum = 0;
  for (; n % p == 0; n /= p) sum += cost;
  return sum;
}

// Cost of a transform, or 0 if n has another prime factor.
double cost_of(index_t n, const cost_model& m) {
  index_t rest = n;
  const double a_point = m.fixed + take(rest, 2, m.two) + take(rest, 3, m.three) +
                         take(rest, 5, m.five) + take(rest, 7, m.seven);
  return rest == 1 ? a_point * static_cast<double>(n) : 0;
}

}  // namespace

bool is_fast_length(index_t n) { return n >= 1 && cost_of(n, cpu_costs) > 0; }

index_t fast_length(index_t at_least, device where) {
  const cost_model& model = where.kind == device::cpu ? cpu_costs : gpu_costs;
  // Of lengths that no memory holds, a part is tried: all are planned in bounded time.
  const index_t wanted = std::max<index_t>(1, at_least);
  const auto unit = static_cast<index_t>(std::bit_ceil(static_cast<std::uint64_t>(wanted >> 26)));
  const index_t first = (wanted + unit - 1) / unit * unit;
  index_t best = 0;
  double least = 0;
  // Smooth numbers lie dense: the first one is near, and none beyond 9/8 of it can be cheaper.
  for (index_t n = first, end = 2 * first; n <= end; n += unit) {
    const double cost = cost_of(n, model);
    if (cost == 0) continue;
    if (best == 0) end = std::min(end, n + n / 8);
    if (best == 0 || cost < least) {
      best = n;
      least = cost;
    }
  }
  return best;
}

}  // namespace ir
