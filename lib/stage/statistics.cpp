#include "stage/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/parallel.hpp"

namespace ir {
namespace {

constexpr index_t block = index_t{1} << 16;

struct moments {
  index_t count = 0, nan = 0, infinite = 0;
  double least = std::numeric_limits<double>::infinity(), greatest = -least, mean = 0, squares = 0;

  void add(const moments& b) {
    nan += b.nan;
    infinite += b.infinite;
    if (b.count == 0) return;
    const double n = static_cast<double>(count + b.count), delta = b.mean - mean;
    squares +=
        b.squares + delta * delta * static_cast<double>(count) * static_cast<double>(b.count) / n;
    mean += delta * static_cast<double>(b.count) / n;
    count += b.count;
    least = std::min(least, b.least);
    greatest = std::max(greatest, b.greatest);
  }
};

moments of_block(std::span<const double> values) noexcept {
  moments m;
  double sum = 0;
  for (const double v : values) {
    if (std::isnan(v)) {
      ++m.nan;
    } else if (std::isinf(v)) {
      ++m.infinite;
    } else {
      ++m.count;
      sum += v;
      m.least = std::min(m.least, v);
      m.greatest = std::max(m.greatest, v);
    }
  }
  if (m.count == 0) return m;
  m.mean = sum / static_cast<double>(m.count);
  for (const double v : values)
    if (std::isfinite(v)) m.squares += (v - m.mean) * (v - m.mean);
  return m;
}

/// The part as f64; magnitudes of complex values.
void to_real(queue& q, cref from, array& to) {
  if (!is_complex(from.type)) {
    to.reset(q, dtype::f64, from.extents);
    return copy(q, from, to.get());
  }
  array wide(q, dtype::c128, from.extents);
  copy(q, from, wide.get());
  to.reset(q, dtype::f64, from.extents);
  const auto z = view<const std::complex<double>, 1>(
      cref(wide.get().data, dtype::c128, shape{from.extents.count()}));
  const auto r = view<double, 1>(ref(to.get().data, dtype::f64, shape{from.extents.count()}));
  run_blocks(z.extent(0), block, [&](index_t begin, index_t end) noexcept {
    for (index_t i = begin; i < end; ++i) r(i) = std::abs(z(i));
  });
}

}  // namespace

statistics measure(frame_source& from, queue& q) {
  from.deliver(delivery::parts);
  const int data = data_index(from.header());
  moments all;
  frame f;
  array real;
  std::vector<moments> blocks;
  while (from.next(f, q)) {
    q.poll();
    if (f.array_no != data) continue;
    to_real(q, std::as_const(f.data).get(), real);
    const std::span values(static_cast<const double*>(real.get().data),
                           static_cast<std::size_t>(real.get().extents.count()));
    const index_t n = static_cast<index_t>(values.size());
    blocks.assign(static_cast<std::size_t>((n + block - 1) / block), {});
    run_blocks(n, block, [&](index_t begin, index_t end) noexcept {
      blocks[static_cast<std::size_t>(begin / block)] = of_block(
          values.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
    });
    for (const moments& b : blocks) all.add(b);
  }
  statistics s{all.count, all.nan, all.infinite, 0, 0, 0, 0};
  if (all.count == 0) return s;
  s.least = all.least;
  s.greatest = all.greatest;
  s.mean = all.mean;
  s.deviation = std::sqrt(all.squares / static_cast<double>(all.count));
  return s;
}

}  // namespace ir
