#pragma once
#include <cmath>

#include "core/nd_view.hpp"

namespace ir::kernel {

/// Slices side by side: 32 bytes of f32, a sector of GPU memory.
inline constexpr index_t ray_slices = 8;

template <class T>
struct alignas(ray_slices * sizeof(T)) ray_group {
  T of[ray_slices];
};

/// Rows of several slices to groups side by side, times the row's factor; zeros around. Reads 1,
/// writes 1.
template <class T>
struct lay_rows {
  const T* from;     // (slice, row, i); slices are `stride` rows apart
  nd_view<T, 3> to;  // (row, i, slice), with margins before and behind
  const T* factor;   // (row), or null
  index_t stride, rows, n, count, row_margin, margin;

  IR_HD void operator()(index_t j, index_t k, index_t slice) const noexcept {
    const index_t row = j - row_margin, i = k - margin;
    T value = 0;
    if (slice < count && row >= 0 && row < rows && i >= 0 && i < n)
      value = from[(slice * stride + row) * n + i];
    to(j, k, slice) = factor != nullptr ? value * factor[j] : value;
  }
};

/// Adds weight x for each slice of a group.
template <class T>
IR_HD void add_group(const ray_group<T>& x, T weight, T* sum) {
  for (index_t l = 0; l < ray_slices; ++l) sum[l] = std::fma(weight, x.of[l], sum[l]);
}

/// Sum over what [start, start + width], 0 <= start <= 1, covers of groups `step` apart.
template <class T>
IR_HD void add_cover(const ray_group<T>* at, index_t step, T start, T width, T* sum) {
  const T end = start + width;
  for (T from = 0; from < end; from += 1, at += step) {
    const T low = start > from ? start : from, high = end < from + 1 ? end : from + 1;
    add_group(*at, high - low, sum);
  }
}

/// One bin of a view of `ray_slices` slices: the sum over the rows that it crosses. Each row: the
/// two or three pixels it covers (spacing 1), 16 flop for each.
///
/// What bounds it: 2.2 groups of 32 bytes a row on average, of which there are 0.9 a pixel, so 8
/// bytes of f32 an update as in the backprojection. A warp's 32 bins read neighbouring groups and
/// the 8 views of a block nearly the same ones: they come from the L1 cache, 128 bytes a clock and
/// multiprocessor, 4180e9 updates a second on an H200. From the L2 cache come the 40 groups that a
/// warp meets in a row, divided by the views that share them. Places are found in f64, 4 operations
/// a row for 8 slices.
template <class T>
struct project_rays {
  const ray_group<T>* pixels;  // (y, x) with a margin on all sides
  const double* lines;  // (view, 5): begin of bin 0 in row 0, step to next bin, to next row, width;
                        // 1: rows are those of the slice, 0: its columns
  T* sinograms;         // (slice, view, u)
  index_t views, detector, ny, nx, pitch, margin, count;
  T factor;
  mode how;

  IR_HD void operator()(index_t v, index_t u) const noexcept {
    const double* const line = lines + 5 * v;
    const bool upright = line[4] != 0;
    const index_t rows = upright ? ny : nx, n = upright ? nx : ny;
    const index_t row_step = upright ? pitch : 1, step = upright ? 1 : pitch;
    const double start = line[0] + static_cast<double>(u) * line[1], per_row = line[2];
    const double last = static_cast<double>(rows), edge = static_cast<double>(n);
    double begin = 0, end = last;
    if (per_row * last > 1e-6 || per_row * last < -1e-6) {
      const double a = (-line[3] - start) / per_row, b = (edge - start) / per_row;
      begin = a < b ? a : b;
      end = (a < b ? b : a) + 1;
      begin = begin < 0 ? 0 : begin > last ? last : begin;
      end = end < begin ? begin : end > last ? last : end;
    }
    const T width = static_cast<T>(line[3]);
    const double before = static_cast<double>(margin);
    T sum[ray_slices] = {};
    const index_t stop = static_cast<index_t>(end);
    for (index_t r = static_cast<index_t>(begin); r < stop; ++r) {
      double t = std::fma(static_cast<double>(r), per_row, start);
      t = (t < -before ? -before : t > edge ? edge : t) + before;
      const int k = static_cast<int>(t);
      add_cover(pixels + (r + margin) * row_step + k * step, step, static_cast<T>(t - k), width,
                sum);
    }
    for (index_t l = 0; l < ray_slices; ++l)
      if (l < count) put(sinograms[(l * views + v) * detector + u], factor * sum[l], how);
  }
};

/// One pixel of `ray_slices` slices: the sum over views of the bins that it covers, one or two
/// where pixels are no larger than bins. The bound is that of `backproject` (fbp_kernel.hpp).
template <class T>
struct backproject_rays {
  const ray_group<T>* samples;  // (view, sample): sample k is bin k - margin
  const double* lines;  // (view, 4): begin of pixel (0, 0) on the detector, ds/dy, ds/dx, width
  T* slices;            // (slice, y, x)
  index_t views, per_view, detector, ny, nx, margin, count;
  mode how;

  IR_HD void operator()(index_t j, index_t i) const noexcept {
    const double y = static_cast<double>(j), x = static_cast<double>(i);
    const double before = static_cast<double>(margin), end = static_cast<double>(detector);
    T sum[ray_slices] = {};
    for (index_t v = 0; v < views; ++v) {
      const double* const line = lines + 4 * v;
      double t = std::fma(x, line[2], std::fma(y, line[1], line[0]));
      t = (t < -before ? -before : t > end ? end : t) + before;
      const int k = static_cast<int>(t);
      add_cover(samples + v * per_view + k, 1, static_cast<T>(t - k), static_cast<T>(line[3]), sum);
    }
    for (index_t l = 0; l < ray_slices; ++l)
      if (l < count) put(slices[(l * ny + j) * nx + i], sum[l], how);
  }
};

}  // namespace ir::kernel
