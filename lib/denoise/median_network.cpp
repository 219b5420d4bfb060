#include "denoise/median_network.hpp"

#include <bit>
#include <cstring>
#include <limits>

#include "core/row_runner.hpp"
#include "denoise/filter_box.hpp"
#include "denoise/median_engines.hpp"
#include "denoise/median_line.hpp"
#include "denoise/vector_lanes.hpp"

namespace ir::detail {
namespace {

constexpr index_t columns = 1024, rows = 64;  // of a tile
constexpr index_t most_line = columns + 64;   // with margins, and what vectors read beyond

// Integers in the order of the values: signed for floating-point numbers, of which a negative one
// has all bits but the sign turned. On vectors their least and greatest are one instruction.
template <class T>
using network_key =
    std::conditional_t<std::is_integral_v<T>, T,
                       std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>>;

template <class Key>
[[gnu::always_inline]] inline Key turned(Key k) {
  return k ^ ((k >> (8 * sizeof(Key) - 1)) & std::numeric_limits<Key>::max());
}

// operator()(tile): the rows of a tile with their margins in a ring, the columns of the window in
// order once for all windows that hold them, then the median across.
template <class T, int Radius>
struct network_tile {
  static constexpr int size = 2 * Radius + 1;
  using key = network_key<T>;
  median_job<T> job;
  key* memory;  // 2 size lines
  T* space;     // a line

  index_t across() const { return (job.out.extent(2) + columns - 1) / columns; }
  index_t tiles() const { return across() * ((job.out.extent(1) + rows - 1) / rows); }

  [[gnu::always_inline]] void operator()(index_t tile) const noexcept {
    const index_t x0 = tile % across() * columns, x1 = std::min(x0 + columns, job.out.extent(2));
    const index_t y0 = tile / across() * rows, y1 = std::min(y0 + rows, job.out.extent(1));
    key* line[size];
    key* in_order[size];
    for (int k = 0; k < size; ++k) {
      line[k] = memory + k * most_line;
      in_order[k] = memory + (size + k) * most_line;
    }
    for (int k = 0; k < size - 1; ++k) fill(line[k], y0 + k - Radius, x0, x1);
    for (index_t j = y0; j < y1; ++j) {
      fill(line[size - 1], j + Radius, x0, x1);
      sort_columns(line, in_order, x1 - x0 + 2 * Radius);
      T* const out = &job.out(0, j, x0);
      if constexpr (std::is_integral_v<T>) {
        across_columns(in_order, x1 - x0, out);
      } else {
        across_columns(in_order, x1 - x0, line[0]);
        put(line[0], x1 - x0, out);
      }
      key* const oldest = line[0];
      for (int k = 0; k + 1 < size; ++k) line[k] = line[k + 1];
      line[size - 1] = oldest;
    }
  }

  // Row `j` of the result's numbering, columns [x0 - Radius, x1 + Radius), as keys.
  void fill(key* line, index_t j, index_t x0, index_t x1) const noexcept {
    const median_window<T>& w = job.window;
    const index_t n = x1 - x0 + 2 * Radius;
    const T* const from = line_of(w, j + w.first[1], x0 + w.first[2] - Radius, n, space);
    if constexpr (std::is_integral_v<T>)
      std::copy_n(from, n, line);
    else
      for (index_t i = 0; i < n; ++i) line[i] = turned(std::bit_cast<key>(from[i]));
  }
  void put(const key* line, index_t n, T* out) const noexcept {
    for (index_t i = 0; i < n; ++i) out[i] = std::bit_cast<T>(turned(line[i]));
  }

  // Vectors by hand: g++ gives up on networks of this size. They read and write up to a vector
  // beyond n, but for `out`.
  static constexpr int lanes = 32 / sizeof(key);
  using in_lanes = vector_lanes<key, lanes>;
  using vector = typename in_lanes::vector;

  static void sort_columns(key* const (&line)[size], key* const (&to)[size], index_t n) noexcept {
    for (index_t i = 0; i < n; i += lanes) {
      vector v[size];
      for (int k = 0; k < size; ++k) in_lanes::load(v[k], line[k] + i);
      if constexpr (Radius == 1)
        sort_3(v[0], v[1], v[2]);
      else
        sort_5(v[0], v[1], v[2], v[3], v[4]);
      for (int k = 0; k < size; ++k) in_lanes::store(v[k], to[k] + i);
    }
  }

  static void across_columns(key* const (&from)[size], index_t n, key* out) noexcept {
    for (index_t i = 0; i < n; i += lanes) {
      vector v[size][size], median;
      for (int k = 0; k < size; ++k)
        for (int l = 0; l < size; ++l) in_lanes::load(v[k][l], from[k] + i + l);
      median_of_columns(v, median);
      if (i + lanes <= n)
        in_lanes::store(median, out + i);
      else
        std::memcpy(out + i, &median, static_cast<std::size_t>(n - i) * sizeof(key));
    }
  }
};

template <class T, int Radius>
void run(queue& q, const median_job<T>& job) {
  using tile_t = network_tile<T, Radius>;
  const int workers = threads();
  constexpr index_t each = 2 * tile_t::size * most_line;
  const scratch memory(q, workers * each * index_t{sizeof(T)});
  const scratch space(q, workers * most_line * index_t{sizeof(T)});
  const tile_t plan{job, nullptr, nullptr};
  run_tasks(q, plan.tiles(), workers,
            1e-9 * cost_of_network(Radius, type_of<T>()).ns * columns * rows,
            [&](index_t tile, int worker) noexcept {
              tile_t mine = plan;
              mine.memory = static_cast<network_key<T>*>(memory.data()) + worker * each;
              mine.space = static_cast<T*>(space.data()) + worker * most_line;
              run_row<1>(mine, 0, 0, tile, tile + 1);
            });
}

}  // namespace

median_cost cost_of_network(index_t radius, dtype type) {
  const auto bytes = static_cast<double>(size_of(type));
  return {(radius == 1 ? 0.25 : 0.7) * bytes, 11 * most_line * size_of(type) + 128};
}

template <class T>
void median_by_network(queue& q, const median_job<T>& job) {
  job.window.radius == 1 ? run<T, 1>(q, job) : run<T, 2>(q, job);
}

template void median_by_network(queue&, const median_job<std::uint8_t>&);
template void median_by_network(queue&, const median_job<std::uint16_t>&);
template void median_by_network(queue&, const median_job<float>&);
template void median_by_network(queue&, const median_job<double>&);

}  // namespace ir::detail
