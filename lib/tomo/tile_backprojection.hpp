#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/nd_view.hpp"
#include "core/parallel.hpp"
#include "tomo/tile_functions.hpp"
#include "tomo/view_line.hpp"

namespace ir::detail {

constexpr index_t round_up(index_t n, index_t to) { return (n + to - 1) / to * to; }

/// Slices [first, first + count) of a stack; `width` of them have room side by side.
struct slice_group {
  index_t first, count, width;
};

/// How many slices go side by side when `n` are left: from half a vector on it pays.
template <class T>
index_t slices_at_once(index_t n) {
  constexpr index_t lanes = slice_lanes<T>;
  if (n > lanes) return 2 * lanes;
  return n >= lanes / 2 ? lanes : 1;
}

/// Sums over views of what each pixel covers of the detector, tile by tile:
///
///   slice(y, x) = sum over views, u of  |[s - w/2, s + w/2] and [u - 1/2, u + 1/2]|  p(view, u)
///
/// with s of the view's line and w its width: 1 is linear interpolation. The views come in chunks,
/// as samples with slices side by side and zeros around.
template <class T>
class tile_backprojection {
 public:
  static constexpr index_t lanes = slice_lanes<T>;

  /// `widths` of a pixel on the detector in each view, in detector pixels.
  tile_backprojection(const parallel_geometry& g, const std::vector<double>& widths)
      : ny_(g.ny),
        nx_(g.nx),
        detector_(g.detector),
        lines_(view_lines(g)),
        widths_(widths),
        taps_(1 + static_cast<index_t>(std::ceil(*std::max_element(widths.begin(), widths.end())))),
        functions_(functions_for(widths)),
        samples_(round_up(taps_ - 1 + g.detector + taps_ + sample_slack, lanes)) {}

  /// Samples of a view; detector pixel u is sample `before` + u, and all others are 0.
  index_t samples() const { return samples_; }
  index_t before() const { return taps_ - 1; }

  /// Views in a chunk: at most 24 MiB of samples of a wide group, but 128 views, as each chunk
  /// reads and writes the slices. The same for any number of slices.
  index_t chunk() const {
    const index_t views = std::ssize(lines_);
    const index_t most = std::max<index_t>(128, (index_t{24} << 20) / (samples_ * 128));
    const index_t chunks = (views + most - 1) / most;
    return round_up((views + chunks - 1) / chunks, 2 * lanes);
  }
  /// Of a chunk's samples.
  index_t sample_bytes(index_t width) const {
    return std::min(chunk(), std::ssize(lines_)) * samples_ * width *
           static_cast<index_t>(sizeof(T));
  }

  /// Adds views [begin, end) to the slices of the group, or sets them. `samples` (view - begin,
  /// sample, slice of the group), `slices` the whole stack (slice, y, x).
  void run(const slice_group& part, index_t begin, index_t end, const T* samples, T* slices,
           mode how) const {
    const index_t across = (nx_ + tile_size - 1) / tile_size;
    const index_t down = (ny_ + tile_size - 1) / tile_size;
    ir::run_blocks(across * down, 4, [&](index_t tile, index_t last) noexcept {
      for (; tile < last; ++tile) {
        alignas(64) T sums[tile_size * tile_size * 2 * lanes];
        std::fill_n(sums, tile_size * tile_size * part.width, T(0));
        const index_t y = tile / across * tile_size, x = tile % across * tile_size;
        sum_tile(part.width, y, x, begin, end, samples, sums);
        put_tile(part, y, x, sums, slices, how);
      }
    });
  }

 private:
  static typename tile_functions<T>::widths functions_for(const std::vector<double>& widths) {
    const tile_functions<T>* const all = tile_functions_in_use<T>();
    const auto [least, most] = std::minmax_element(widths.begin(), widths.end());
    if (*most > 1) return all->many_taps;
    return *least < 1 ? all->two_taps : all->linear;
  }

  void sum_tile(index_t width, index_t y, index_t x, index_t begin, index_t end, const T* samples,
                T* sums) const noexcept {
    constexpr index_t most = 256;
    tile_view<T> views[most];
    const auto sum = width == 1       ? functions_.single
                     : width == lanes ? functions_.narrow
                                      : functions_.wide;
    for (index_t from = begin; from < end; from += most) {
      index_t n = 0;
      for (index_t v = from; v < std::min(from + most, end); ++v)
        if (see(static_cast<std::size_t>(v), y, x, width, samples + (v - begin) * samples_ * width,
                views[n]))
          ++n;
      sum(views, n, sums);
    }
  }

  // How a tile sees a view; false: it lies beside the detector.
  bool see(std::size_t v, index_t y, index_t x, index_t slices, const T* samples,
           tile_view<T>& to) const noexcept {
    constexpr double side = static_cast<double>(tile_size - 1);
    const view_line& line = lines_[v];
    const double width = widths_[v];
    // Where a pixel begins, in samples that reach from u to u + 1.
    const double s = line.s + static_cast<double>(y) * line.dy + static_cast<double>(x) * line.dx +
                     0.5 * (1 - width);
    const double least = s + side * (std::min(line.dy, 0.0) + std::min(line.dx, 0.0));
    const double most = s + side * (std::max(line.dy, 0.0) + std::max(line.dx, 0.0));
    const double first = -static_cast<double>(before()), end = static_cast<double>(detector_);
    if (most <= first || least >= end) return false;
    const double start = std::floor(std::max(least, first));
    to = {samples + (static_cast<index_t>(start) + before()) * slices,
          static_cast<T>(s - start),
          static_cast<T>(line.dy),
          static_cast<T>(line.dx),
          T(0),
          static_cast<T>(end - start),
          static_cast<T>(width)};
    return true;
  }

  void put_tile(const slice_group& part, index_t y, index_t x, const T* sums, T* slices,
                mode how) const noexcept {
    const index_t rows = std::min(tile_size, ny_ - y), columns = std::min(tile_size, nx_ - x);
    for (index_t i = 0; i < part.count; ++i)
      for (index_t j = 0; j < rows; ++j) {
        T* const to = slices + ((part.first + i) * ny_ + y + j) * nx_ + x;
        const T* const from = sums + j * tile_size * part.width + i;
        for (index_t k = 0; k < columns; ++k) put(to[k], from[k * part.width], how);
      }
  }

  index_t ny_, nx_, detector_;
  std::vector<view_line> lines_;
  std::vector<double> widths_;
  index_t taps_;
  typename tile_functions<T>::widths functions_;
  index_t samples_;
};

}  // namespace ir::detail
