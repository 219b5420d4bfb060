#include "denoise/median_network.hpp"

#include "core/row_runner.hpp"
#include "denoise/filter_box.hpp"
#include "denoise/median_engines.hpp"

namespace ir::detail {
namespace {

constexpr index_t columns = 1024, rows = 64;  // of a tile
constexpr index_t most_line = columns + 8;

// operator()(tile): the rows of a tile with their margins in a ring, the columns of the window in
// order once for all windows that hold them, then the median across.
template <class T, int Radius>
struct network_tile {
  static constexpr int size = 2 * Radius + 1;
  median_job<T> job;
  T* memory;  // 2 size lines

  index_t across() const { return (job.out.extent(2) + columns - 1) / columns; }
  index_t tiles() const { return across() * ((job.out.extent(1) + rows - 1) / rows); }

  [[gnu::always_inline]] void operator()(index_t tile) const noexcept {
    const index_t x0 = tile % across() * columns, x1 = std::min(x0 + columns, job.out.extent(2));
    const index_t y0 = tile / across() * rows, y1 = std::min(y0 + rows, job.out.extent(1));
    T* line[size];
    T* in_order[size];
    for (int k = 0; k < size; ++k) {
      line[k] = memory + k * most_line;
      in_order[k] = memory + (size + k) * most_line;
    }
    for (int k = 0; k < size - 1; ++k) fill(line[k], y0 + k - Radius, x0, x1);
    for (index_t j = y0; j < y1; ++j) {
      fill(line[size - 1], j + Radius, x0, x1);
      sort_columns(line, in_order, x1 - x0 + 2 * Radius);
      across_columns(in_order, x1 - x0, &job.out(0, j, x0));
      T* const oldest = line[0];
      for (int k = 0; k + 1 < size; ++k) line[k] = line[k + 1];
      line[size - 1] = oldest;
    }
  }

  // Row `j` of the result's numbering, columns [x0 - Radius, x1 + Radius).
  void fill(T* line, index_t j, index_t x0, index_t x1) const noexcept {
    const median_window<T>& w = job.window;
    const index_t nx = w.x.extent(2);
    const index_t s = element_at(j + w.first[1], w.x.extent(1), Radius, w.rule);
    if (s < 0) return void(std::fill_n(line, x1 - x0 + 2 * Radius, T(0)));
    const T* const row = w.x.data + s * nx;
    const index_t begin = std::max<index_t>(0, x0 - Radius), end = std::min(nx, x1 + Radius);
    T* const origin = line + Radius - x0;
    std::copy(row + begin, row + end, origin + begin);
    const auto beyond = [&](index_t i) {
      const index_t from = element_at(i, nx, Radius, w.rule);
      return from < 0 ? T(0) : row[from];
    };
    for (index_t i = x0 - Radius; i < begin; ++i) origin[i] = beyond(i);
    for (index_t i = end; i < x1 + Radius; ++i) origin[i] = beyond(i);
  }

  static void sort_columns(T* const (&line)[size], T* const (&to)[size], index_t n) noexcept {
    if constexpr (Radius == 1) {
      const T *a = line[0], *b = line[1], *c = line[2];
      T *u = to[0], *v = to[1], *w = to[2];
#pragma GCC ivdep
      for (index_t i = 0; i < n; ++i) {
        T x = a[i], y = b[i], z = c[i];
        sort_3(x, y, z);
        u[i] = x;
        v[i] = y;
        w[i] = z;
      }
    } else {
      const T *a = line[0], *b = line[1], *c = line[2], *d = line[3], *e = line[4];
      T *p = to[0], *q = to[1], *r = to[2], *s = to[3], *t = to[4];
#pragma GCC ivdep
      for (index_t i = 0; i < n; ++i) {
        T v = a[i], w = b[i], x = c[i], y = d[i], z = e[i];
        sort_5(v, w, x, y, z);
        p[i] = v;
        q[i] = w;
        r[i] = x;
        s[i] = y;
        t[i] = z;
      }
    }
  }

  static void across_columns(T* const (&from)[size], index_t n, T* out) noexcept {
    const T* line[size];
    for (int k = 0; k < size; ++k) line[k] = from[k];
#pragma GCC ivdep
    for (index_t i = 0; i < n; ++i) {
      T v[size][size];
      for (int k = 0; k < size; ++k)
        for (int l = 0; l < size; ++l) v[k][l] = line[k][i + l];
      out[i] = median_of_columns(v);
    }
  }
};

template <class T, int Radius>
void run(queue& q, const median_job<T>& job) {
  const int workers = threads();
  constexpr index_t each = 2 * network_tile<T, Radius>::size * most_line;
  const scratch memory(q, workers * each * index_t{sizeof(T)});
  network_tile<T, Radius> plan{job, nullptr};
  run_tasks(q, plan.tiles(), workers,
            1e-9 * cost_of_network(Radius, type_of<T>()).ns * columns * rows,
            [&](index_t tile, int worker) noexcept {
              network_tile<T, Radius> mine = plan;
              mine.memory = static_cast<T*>(memory.data()) + worker * each;
              run_row<1>(mine, 0, 0, tile, tile + 1);
            });
}

}  // namespace

median_cost cost_of_network(index_t radius, dtype type) {
  const auto bytes = static_cast<double>(size_of(type));
  return {(radius == 1 ? 0.25 : bytes > 2 ? 45 : 2.5) * bytes, 10 * most_line * size_of(type) + 64};
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
