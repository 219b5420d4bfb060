#pragma once
#include "denoise/filter_box.hpp"

namespace ir::detail {

/// A symmetric kernel along one axis: w[0] at the centre, then w[1] to w[radius].
template <class T>
struct half_kernel {
  const T* w;
  index_t radius;
};

/// out[i] = w[0] c[i] + sum_k w[k] (a_k[i] + b_k[i]), a_k and b_k lines at equal distances from c.
/// `lines(k)` is the pointer to line k, -radius to radius. Each element is the same sequence of
/// operations, wherever it lies in a chunk.
template <int Chunk, class T, class Lines>
[[gnu::always_inline]] inline void weigh_chunk(half_kernel<T> h, const Lines& lines, index_t at,
                                               T* out) {
  T sum[Chunk];
  const T* centre = lines(0) + at;
  for (int i = 0; i < Chunk; ++i) sum[i] = h.w[0] * centre[i];
  for (index_t k = 1; k <= h.radius; ++k) {
    const T *a = lines(-k) + at, *b = lines(k) + at;
    const T w = h.w[k];
    for (int i = 0; i < Chunk; ++i) sum[i] += w * (a[i] + b[i]);
  }
  for (int i = 0; i < Chunk; ++i) out[at + i] = sum[i];
}

template <class T, class Lines>
[[gnu::always_inline]] inline void weigh(half_kernel<T> h, const Lines& lines, index_t n, T* out) {
  constexpr int chunk = 256 / sizeof(T);
  index_t at = 0;
  for (; at + chunk <= n; at += chunk) weigh_chunk<chunk>(h, lines, at, out);
  for (; at + 8 <= n; at += 8) weigh_chunk<8>(h, lines, at, out);
  for (; at < n; ++at) weigh_chunk<1>(h, lines, at, out);
}

/// Rows of a plane, filtered along y, then x while the sums are in the cache. operator()(tile).
template <class T>
struct smooth_tile {
  static constexpr index_t columns = 512, rows = 64;
  const T* from;  // (ny, nx)
  T* to;          // (kept y, nx)
  index_t ny, nx, first_y, kept_y;
  half_kernel<T> y, x;
  boundary rule;
  T outside;       // the value beyond the borders, rule zero
  const T* empty;  // a row of it, nx
  T* line;         // columns + 2 x.radius
  const T** row;   // 2 y.radius + 1

  index_t tiles_in_row() const { return (nx + columns - 1) / columns; }
  index_t tiles() const { return tiles_in_row() * ((kept_y + rows - 1) / rows); }
  static index_t work_bytes(index_t radius_y, index_t radius_x) {
    return (columns + 2 * radius_x) * index_t{sizeof(T)} +
           (2 * radius_y + 1) * index_t{sizeof(T*)} + 128;
  }

  [[gnu::always_inline]] void operator()(index_t tile) const noexcept {
    const index_t x0 = tile % tiles_in_row() * columns, x1 = std::min(nx, x0 + columns);
    const index_t y0 = tile / tiles_in_row() * rows, y1 = std::min(kept_y, y0 + rows);
    for (index_t j = y0; j < y1; ++j) {
      for (index_t k = -y.radius; k <= y.radius; ++k) {
        const index_t s = element_at(first_y + j + k, ny, y.radius, rule);
        row[y.radius + k] = s < 0 ? empty : from + s * nx;
      }
      along_y(x0, x1);
      const T* const centre = line + x.radius;
      weigh(
          x, [centre](index_t k) { return centre + k; }, x1 - x0, to + j * nx + x0);
    }
  }

  /// The sums along y of columns [x0, x1) and of what x.radius beyond them takes.
  void along_y(index_t x0, index_t x1) const noexcept {
    const index_t begin = std::max<index_t>(0, x0 - x.radius), end = std::min(nx, x1 + x.radius);
    T* const origin = line + x.radius - x0;  // where column 0 would lie
    const T* const* middle = row + y.radius;
    weigh(
        y, [=](index_t k) { return middle[k] + begin; }, end - begin, origin + begin);
    for (index_t i = x0 - x.radius; i < begin; ++i) origin[i] = beyond(i, origin, begin, end);
    for (index_t i = end; i < x1 + x.radius; ++i) origin[i] = beyond(i, origin, begin, end);
  }
  T beyond(index_t i, const T* origin, index_t begin, index_t end) const noexcept {
    const index_t s = element_at(i, nx, x.radius, rule);
    if (s < 0) return outside;
    if (s >= begin && s < end) return origin[s];
    T sum[1];
    const T* const* middle = row + y.radius;
    weigh_chunk<1>(
        y, [=](index_t k) { return middle[k] + s; }, 0, sum);
    return sum[0];
  }
};

/// A kept plane of a volume, filtered along z. operator()(piece): a part of the plane.
template <class T>
struct smooth_planes {
  static constexpr index_t piece = 4096;
  const T* from;  // (nz, ny nx)
  T* to;          // (kept z, ny nx)
  index_t nz, plane, first_z, kept_z;
  half_kernel<T> z;
  boundary rule;
  const T* empty;  // a piece of the value outside
  const T** line;  // 2 z.radius + 1

  index_t pieces() const { return (plane + piece - 1) / piece; }
  [[gnu::always_inline]] void operator()(index_t task) const noexcept {
    const index_t k0 = task / pieces(), at = task % pieces() * piece;
    for (index_t k = -z.radius; k <= z.radius; ++k) {
      const index_t s = element_at(first_z + k0 + k, nz, z.radius, rule);
      line[z.radius + k] = s < 0 ? empty : from + s * plane + at;
    }
    const T* const* middle = line + z.radius;
    weigh(
        z, [=](index_t k) { return middle[k]; }, std::min(piece, plane - at), to + k0 * plane + at);
  }
};

}  // namespace ir::detail
