#include "core/row_runner.hpp"
#include "denoise/filter_box.hpp"
#include "denoise/median_engines.hpp"
#include "denoise/median_histogram.hpp"

namespace ir::detail {
namespace {

// A byte's histogram for each column; for 16 bits one of the upper bytes and, for each upper byte,
// one of the lower bytes. 64 bytes more: else all columns share the sets of a cache.
constexpr index_t leaf = histogram_lanes, tree = 257 * leaf + 64;
template <class T>
constexpr index_t stride_of = sizeof(T) == 1 ? leaf : tree;

// The margin on both sides is counted again in each tile.
index_t columns_of(index_t radius) { return std::max<index_t>(128, 2 * radius); }
index_t rows_of(index_t radius) { return std::max<index_t>(512, 16 * radius); }

// operator()(tile). Count holds 2 radius + 1, Window its square.
template <class T, class Count, class Window>
struct histogram_tile {
  static constexpr index_t stride = stride_of<T>;

  median_job<T> job;
  index_t columns, rows;
  char* memory;

  histogram_tile(const median_job<T>& j, char* m)
      : job(j),
        columns(std::min(columns_of(j.window.radius), j.out.extent(2))),
        rows(std::min(rows_of(j.window.radius), j.out.extent(1))),
        memory(m) {}
  index_t across() const { return (job.out.extent(2) + columns - 1) / columns; }
  index_t tiles() const { return across() * ((job.out.extent(1) + rows - 1) / rows); }

  static index_t bytes_for(index_t columns, index_t radius) {
    const index_t line = columns + 2 * radius;
    const index_t windows = sizeof(T) == 1 ? 1 : 257;
    return line * (stride * index_t{sizeof(Count)} + index_t{sizeof(T)}) +
           windows * (leaf * index_t{sizeof(Window)} + index_t{sizeof(index_t)}) + 512;
  }

  struct work {
    Count* column;    // (line, stride), 0 between tiles
    Window* window;   // of bytes; then those of the lower bytes
    index_t* stands;  // at which pixel of the row the window of a lower byte stands
    T* line;
    index_t n, width;  // pixels of the row, columns of the window
    Window half;
  };

  work work_for(index_t n) const {
    const index_t width = 2 * job.window.reach(2) + 1, height = 2 * job.window.reach(1) + 1;
    const index_t line = columns + width - 1, windows = sizeof(T) == 1 ? 1 : 257;
    const auto aligned = [](char* p) {
      return p + (64 - reinterpret_cast<std::uintptr_t>(p) % 64) % 64;
    };
    char* const window = aligned(memory + line * stride * index_t{sizeof(Count)});
    char* const stands = aligned(window + windows * leaf * index_t{sizeof(Window)});
    return {reinterpret_cast<Count*>(memory),
            reinterpret_cast<Window*>(window),
            reinterpret_cast<index_t*>(stands),
            reinterpret_cast<T*>(aligned(stands + windows * index_t{sizeof(index_t)})),
            n,
            width,
            static_cast<Window>((width * height - 1) / 2)};
  }

  [[gnu::always_inline]] void operator()(index_t tile) const noexcept {
    const index_t x0 = tile % across() * columns, x1 = std::min(x0 + columns, job.out.extent(2));
    const index_t y0 = tile / across() * rows, y1 = std::min(y0 + rows, job.out.extent(1));
    const index_t r = job.window.reach(1);
    const work w = work_for(x1 - x0);
    for (index_t j = y0 - r; j < y0 + r; ++j) change<true>(w, j, x0);
    for (index_t j = y0; j < y1; ++j) {
      change<true>(w, j + r, x0);
      across_row(w, &job.out(0, j, x0));
      change<false>(w, j - r, x0);
    }
    for (index_t j = y1 - r; j < y1 + r; ++j) change<false>(w, j, x0);
  }

  // A row of pixels comes into the columns' histograms, or goes.
  template <bool Comes>
  void change(const work& w, index_t j, index_t x0) const {
    const index_t n = w.n + w.width - 1;
    fetch(w.line, j, x0, n);
    for (index_t i = 0; i < n; ++i) {
      Count* h = w.column + i * stride;
      const T value = w.line[i];
      if constexpr (sizeof(T) == 2) {
        step<Comes>(h, static_cast<std::uint8_t>(value >> 8));
        h += ((value >> 8) + 1) * leaf;
      }
      step<Comes>(h, static_cast<std::uint8_t>(value));
    }
  }
  template <bool Comes>
  static void step(Count* h, std::uint8_t value) {
    if constexpr (Comes)
      add_byte(h, value);
    else
      remove_byte(h, value);
  }
  void fetch(T* line, index_t j, index_t x0, index_t n) const {
    const median_window<T>& w = job.window;
    const index_t nx = w.x.extent(2),
                  s = element_at(j + w.first[1], w.x.extent(1), w.radius, w.rule);
    const index_t left = x0 + w.first[2] - w.reach(2);
    if (s < 0) return void(std::fill_n(line, n, T(0)));
    const T* const row = w.x.data + s * nx;
    const index_t begin = std::max<index_t>(0, left), end = std::min(nx, left + n);
    std::copy(row + begin, row + end, line + (begin - left));
    const auto beyond = [&](index_t i) {
      const index_t from = element_at(i, nx, w.radius, w.rule);
      return from < 0 ? T(0) : row[from];
    };
    for (index_t i = left; i < begin; ++i) line[i - left] = beyond(i);
    for (index_t i = end; i < left + n; ++i) line[i - left] = beyond(i);
  }

  void across_row(const work& w, T* out) const {
    if constexpr (sizeof(T) == 2) std::fill_n(w.stands, 256, index_t{-1} << 40);
    sum_columns(w.window, w.column, stride, w.width);
    for (index_t i = 0; i < w.n; ++i) {
      Window rank = w.half;
      const std::uint8_t byte = byte_of_order(w.window, rank);
      if constexpr (sizeof(T) == 2)
        out[i] = static_cast<T>(byte << 8 | lower_byte(w, i, byte, rank));
      else
        out[i] = byte;
      if (i + 1 < w.n) slide(w.window, w.column + (i + w.width) * stride, w.column + i * stride);
    }
  }

  // The windows of lower bytes move when they are asked for.
  static std::uint8_t lower_byte(const work& w, index_t i, std::uint8_t upper, Window rank) {
    Window* const own = w.window + (upper + 1) * leaf;
    const Count* const column = w.column + (upper + 1) * leaf;
    index_t& at = w.stands[upper];
    if (2 * (i - at) < w.width)
      for (; at < i; ++at) slide(own, column + (at + w.width) * stride, column + at * stride);
    else
      sum_columns(own, column + i * stride, stride, w.width);
    at = i;
    return byte_of_order(own, rank);
  }
};

template <class T, class Count, class Window>
void run(queue& q, const median_job<T>& job) {
  using tile_t = histogram_tile<T, Count, Window>;
  const tile_t plan(job, nullptr);
  const int workers = threads();
  const index_t radius = job.window.radius;
  const index_t each = (tile_t::bytes_for(plan.columns, radius) + 63) / 64 * 64;
  const scratch memory(q, workers * each);
  std::memset(memory.data(), 0, static_cast<std::size_t>(workers * each));
  run_tasks(q, plan.tiles(), workers,
            1e-9 * cost_of_histograms(radius, type_of<T>()).ns *
                static_cast<double>(plan.columns * plan.rows),
            [&](index_t tile, int worker) noexcept {
              tile_t mine = plan;
              mine.memory = static_cast<char*>(memory.data()) + worker * each;
              run_row<1>(mine, 0, 0, tile, tile + 1);
            });
}

constexpr index_t most_in_byte = 127;  // (2 127 + 1)^2 < 2^16

template <class T>
index_t bytes(index_t radius) {
  const index_t columns = columns_of(radius);
  return 64 + (radius <= most_in_byte
                   ? histogram_tile<T, std::uint8_t, std::uint16_t>::bytes_for(columns, radius)
                   : histogram_tile<T, std::uint16_t, std::uint32_t>::bytes_for(columns, radius));
}

}  // namespace

median_cost cost_of_histograms(index_t radius, dtype type) {
  const auto r = static_cast<double>(radius);  // tests/bench/filter_bench, AMD EPYC (Zen 4), busy
  return type == dtype::u16 ? median_cost{270 + 18 * r, bytes<std::uint16_t>(radius)}
                            : median_cost{33 + r, bytes<std::uint8_t>(radius)};
}

template <class T>
void median_by_histograms(queue& q, const median_job<T>& job) {
  if (job.window.radius <= most_in_byte)
    run<T, std::uint8_t, std::uint16_t>(q, job);
  else
    run<T, std::uint16_t, std::uint32_t>(q, job);
}

template void median_by_histograms(queue&, const median_job<std::uint8_t>&);
template void median_by_histograms(queue&, const median_job<std::uint16_t>&);

}  // namespace ir::detail
