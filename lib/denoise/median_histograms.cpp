#include "core/row_runner.hpp"
#include "denoise/filter_box.hpp"
#include "denoise/median_engines.hpp"
#include "denoise/median_histogram.hpp"
#include "denoise/median_line.hpp"

namespace ir::detail {
namespace {

using byte = std::uint8_t;

// The margin is counted again in each tile.
index_t columns_of(index_t radius) { return std::max<index_t>(256, 4 * radius); }
index_t rows_of(index_t radius) { return std::max<index_t>(256, 16 * radius); }

// operator()(tile). Count holds 2 radius + 1, Window its square.
template <class Count, class Window>
struct histogram_tile {
  using windows = byte_windows<Count, Window>;

  median_job<byte> job;
  index_t columns, rows;
  char* memory;

  histogram_tile(const median_job<byte>& j, char* m)
      : job(j),
        columns(std::min(columns_of(j.window.radius), j.out.extent(2))),
        rows(std::min(rows_of(j.window.radius), j.out.extent(1))),
        memory(m) {}
  index_t across() const { return (job.out.extent(2) + columns - 1) / columns; }
  index_t tiles() const { return across() * ((job.out.extent(1) + rows - 1) / rows); }

  static index_t bytes_for(index_t columns, index_t radius) {
    const index_t width = 2 * radius + 1;
    return (windows::bytes_for(columns, width) + 2 * (columns + width) + 127) / 64 * 64;
  }

  [[gnu::always_inline]] void operator()(index_t tile) const noexcept {
    const index_t x0 = tile % across() * columns, x1 = std::min(x0 + columns, job.out.extent(2));
    const index_t y0 = tile / across() * rows, y1 = std::min(y0 + rows, job.out.extent(1));
    const index_t r = job.window.reach(1), width = 2 * job.window.reach(2) + 1, n = x1 - x0;
    windows w(memory, columns, width);
    byte* const space = reinterpret_cast<byte*>(memory) + windows::bytes_for(columns, width);
    const auto line = [&](index_t j, index_t which) {
      return line_of(job.window, j + job.window.first[1],
                     x0 + job.window.first[2] - job.window.reach(2), n + width - 1,
                     space + which * (columns + width));
    };
    for (index_t j = y0 - r; j < y0 + r; ++j) w.change(n, line(j, 0), nullptr);
    const auto order = static_cast<Window>((width * (2 * r + 1) - 1) / 2);
    for (index_t j = y0; j < y1; ++j) {
      w.change(n, line(j + r, 0), j > y0 ? line(j - r - 1, 1) : nullptr);
      byte* const out = &job.out(0, j, x0);
      w.elements(n, order, [&](index_t i, byte found, Window) { out[i] = found; });
    }
  }
};

template <class Count, class Window>
void run(queue& q, const median_job<byte>& job) {
  using tile_t = histogram_tile<Count, Window>;
  const tile_t plan(job, nullptr);
  const int workers = threads();
  const index_t radius = job.window.radius;
  const index_t each = tile_t::bytes_for(plan.columns, radius);
  const scratch memory(q, workers * each);
  run_tasks(q, plan.tiles(), workers,
            1e-9 * cost_of_histograms(radius).ns * static_cast<double>(plan.columns * plan.rows),
            [&](index_t tile, int worker) noexcept {
              tile_t mine = plan;
              mine.memory = static_cast<char*>(memory.data()) + worker * each;
              run_row<1>(mine, 0, 0, tile, tile + 1);
            });
}

constexpr index_t most_in_byte = 127;  // (2 127 + 1)^2 < 2^16

}  // namespace

median_cost cost_of_histograms(index_t radius) {
  const auto r = static_cast<double>(radius);  // tests/bench/filter_bench, AMD EPYC (Zen 4), busy
  const index_t columns = columns_of(radius);
  const index_t bytes =
      radius <= most_in_byte
          ? histogram_tile<std::uint8_t, std::uint16_t>::bytes_for(columns, radius)
          : histogram_tile<std::uint16_t, std::uint32_t>::bytes_for(columns, radius);
  return {12 + 0.05 * r, 64 + bytes};
}

void median_by_histograms(queue& q, const median_job<std::uint8_t>& job) {
  if (job.window.radius <= most_in_byte)
    run<std::uint8_t, std::uint16_t>(q, job);
  else
    run<std::uint16_t, std::uint32_t>(q, job);
}

}  // namespace ir::detail
