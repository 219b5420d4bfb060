#pragma once
#include <cmath>

#include "core/nd_view.hpp"

namespace ir::kernel {

/// Slices side by side in backproject: 64 bytes of f32 for two taps.
inline constexpr index_t fbp_slices = 8;

/// Rows (row, u) continued to `padded` (row, k): the second half of the padding lies before the
/// row, as the transform is periodic. Slices are `stride` rows apart. Reads 1, writes 1.
template <class T>
struct pad_row {
  const T* rows;
  nd_view<T, 3> padded;  // (slice, view, k)
  index_t stride, detector, slices;
  bool zero;

  IR_HD void operator()(index_t slice, index_t view, index_t k) const noexcept {
    const index_t half = detector + (padded.extent(2) - detector) / 2;
    const index_t u = k < detector ? k : k < half ? detector - 1 : 0;
    const bool blank = slice >= slices || (zero && k >= detector);
    padded(slice, view, k) = blank ? T(0) : rows[(slice * stride + view) * detector + u];
  }
};

/// spectrum *= response, complex numbers as pairs. Reads 3, writes 2, 2 flop.
template <class T>
struct weigh_frequency {
  nd_view<T, 2> spectrum;  // (row, 2 k)
  const T* response;       // (k)

  IR_HD void operator()(index_t row, index_t k) const noexcept {
    spectrum(row, 2 * k) *= response[k];
    spectrum(row, 2 * k + 1) *= response[k];
  }
};

/// Filtered rows to samples with slices side by side, times the view's factor; zeros around.
template <class T>
struct interleave_slices {
  nd_view<const T, 3> padded;  // (slice, view, k)
  nd_view<T, 3> samples;       // (view, sample, slice): sample k is detector pixel k - 1
  const T* factor;             // (view)
  index_t detector;

  IR_HD void operator()(index_t view, index_t k, index_t slice) const noexcept {
    const bool outside = k < 1 || k > detector;
    samples(view, k, slice) = outside ? T(0) : padded(slice, view, k - 1) * factor[view];
  }
};

/// One pixel of `fbp_slices` slices: the sum over views of two neighbouring samples. Each view: 3
/// numbers of its line, 2 fbp_slices samples; 4 fbp_slices flop.
///
/// What bounds it: 8 bytes of f32 samples an update. A block of 32 x 8 pixels touches about 40
/// samples of 32 bytes a view, so they come from the L1 cache: 128 bytes a clock and
/// multiprocessor, 4180e9 updates a second on an H200; loads issue 4 times, multiply-adds 16 times
/// a thread and view, which is half of what the schedulers offer in that time. Places are found in
/// f64, 3 operations for 8 slices.
template <class T>
struct backproject {
  struct alignas(8 * sizeof(T)) group {
    T of[fbp_slices];
  };
  const group* samples;  // (view, sample)
  const double* lines;   // (view, 3): s of pixel (0, 0), ds/dy, ds/dx, in detector pixels
  T* slices;             // (slice, y, x)
  index_t views, per_view, detector, ny, nx, count;
  mode how;

  IR_HD void operator()(index_t j, index_t i) const noexcept {
    const double y = static_cast<double>(j), x = static_cast<double>(i);
    const double end = static_cast<double>(detector);
    T sum[fbp_slices] = {};
    for (index_t v = 0; v < views; ++v) {
      const double* const line = lines + 3 * v;
      double t = std::fma(x, line[2], std::fma(y, line[1], line[0]));
      t = t < -1 ? -1 : t > end ? end : t;
      t += 1;  // from the sample before the detector
      const int k = static_cast<int>(t);
      const T right = static_cast<T>(t - k), left = T(1) - right;
      const group* const at = samples + v * per_view + k;
      const group near = at[0], far = at[1];
      for (index_t l = 0; l < fbp_slices; ++l)
        sum[l] = std::fma(right, far.of[l], std::fma(left, near.of[l], sum[l]));
    }
    for (index_t l = 0; l < fbp_slices; ++l)
      if (l < count) put(slices[(l * ny + j) * nx + i], sum[l], how);
  }
};

}  // namespace ir::kernel
