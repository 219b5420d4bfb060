#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/nd_view.hpp"
#include "core/parallel.hpp"
#include "tomo/ray_functions.hpp"
#include "tomo/tile_backprojection.hpp"

namespace ir::detail {

/// Sums along rays:
///
///   p(view, u) = factor  sum over rows, i of  |bin u in pixels of the row and [i - 1/2, i + 1/2]|
///                                             slice(row, i)
///
/// where the rows of a view are those of the slice, or its columns, whichever its rays cross
/// steeper.
///
/// Several slices: tiles of pixels with slices side by side stay in the L1 cache while a block of
/// views adds up what its bins see of them. One slice: registers of neighbouring bins run through
/// all rows.
template <class T>
class tile_projection {
 public:
  static constexpr index_t lanes = slice_lanes<T>;

  tile_projection(const parallel_geometry& g, double factor)
      : ny_(g.ny),
        nx_(g.nx),
        detector_(g.detector),
        factor_(static_cast<T>(factor)),
        functions_(ray_functions_in_use<T>()) {
    const index_t share = (g.views() + ir::threads() - 1) / ir::threads();
    block_views_ = std::clamp<index_t>(share, 4, most_views);
    for (const view_line& line : view_lines(g)) {
      const bool upright = std::abs(line.dx) >= std::abs(line.dy);
      const double along = upright ? line.dx : line.dy, across = upright ? line.dy : line.dx;
      views_.push_back({line, upright, along, across, 1 / along});
      widest_ = std::max(widest_, 1 / std::abs(along));
    }
  }

  index_t scratch_bytes(index_t width) const {
    const index_t size = static_cast<index_t>(sizeof(T));
    if (strips(width)) return (upright_count() + turned_count()) * size + 128;
    return round_up(tile_values(width) * size, 64) +
           round_up(std::min(jobs(), blocks()) * block_values(width) * size, 64) + 128;
  }

  /// Sets or adds to the sinograms (slice, view, u) of the group; `slices` the whole stack.
  void run(const slice_group& part, const T* slices, T* sinograms, mode how, T* memory) const {
    if (strips(part.width)) return run_strips(part, slices, sinograms, how, memory);
    T* const sums =
        memory + round_up(tile_values(part.width), 64 / static_cast<index_t>(sizeof(T)));
    lay_tiles(part, slices, memory);
    const index_t each = (blocks() + jobs() - 1) / jobs();
    ir::run_blocks(blocks(), each, [&](index_t block, index_t last) noexcept {
      T* const own = sums + block / each * block_values(part.width);
      for (; block < last; ++block) {
        const index_t begin = block * block_views_, end = std::min(begin + block_views_, views());
        add_views(part.width, begin, end, memory, own);
        put_views(part, begin, end, own, sinograms, how);
      }
    });
  }

 private:
  static constexpr index_t most_views = 32;  // of a block: each reads all tiles
  struct view {
    view_line line;
    bool upright;          // rows are those of the slice
    double along, across;  // ds to the next pixel of a row, to the next row
    double pixels_per_bin;
  };

  index_t views() const { return std::ssize(views_); }
  index_t blocks() const { return (views() + block_views_ - 1) / block_views_; }
  index_t jobs() const { return 512 / block_views_; }  // each with the sums of a block
  index_t tiles_across() const { return (nx_ + tile_size - 1) / tile_size; }
  index_t tiles_down() const { return (ny_ + tile_size - 1) / tile_size; }
  index_t tile_values(index_t width) const {
    return (tiles_across() * tiles_down() * tile_size * tile_size + tile_slack) * width;
  }
  index_t block_values(index_t width) const {
    return std::min(block_views_, views()) * detector_ * width;
  }

  // (y, x) of all slices to (tile, y, x, slice); zeros where there is no pixel or slice.
  void lay_tiles(const slice_group& part, const T* slices, T* tiles) const {
    const index_t width = part.width, tile = tile_size * tile_size * width;
    ir::run_blocks(tiles_down(), 1, [&](index_t down, index_t last) noexcept {
      for (; down < last; ++down) {
        T* const row = tiles + down * tiles_across() * tile;
        std::fill_n(row, tiles_across() * tile, T(0));
        const index_t end = std::min(tile_size, ny_ - down * tile_size);
        for (index_t y = 0; y < end; ++y)
          for (index_t i = 0; i < part.count; ++i) {
            const T* const from = slices + ((part.first + i) * ny_ + down * tile_size + y) * nx_;
            T* const to = row + y * tile_size * width + i;
            for (index_t x = 0; x < nx_; ++x)
              to[x / tile_size * tile + x % tile_size * width] = from[x];
          }
      }
    });
    std::fill_n(tiles + tiles_down() * tiles_across() * tile, tile_slack * width, T(0));
  }

  void add_views(index_t width, index_t begin, index_t end, const T* tiles,
                 T* sums) const noexcept {
    const bool three = widest_ <= 2;
    const auto add = width == 1       ? functions_->many_single
                     : width == lanes ? (three ? functions_->narrow : functions_->many_narrow)
                                      : (three ? functions_->wide : functions_->many_wide);
    std::fill_n(sums, (end - begin) * detector_ * width, T(0));
    for (index_t tile = 0; tile < tiles_across() * tiles_down(); ++tile) {
      tile_rays<T> rays[most_views];
      index_t n = 0;
      for (index_t v = begin; v < end; ++v)
        if (see(views_[static_cast<std::size_t>(v)], tile / tiles_across() * tile_size,
                tile % tiles_across() * tile_size, width, sums + (v - begin) * detector_ * width,
                rays[n]))
          ++n;
      add(tiles + tile * tile_size * tile_size * width, rays, n);
    }
  }

  // How a view sees a tile; false: it lies beside the detector.
  bool see(const view& v, index_t y, index_t x, index_t width, T* sums,
           tile_rays<T>& to) const noexcept {
    constexpr double side = static_cast<double>(tile_size);
    const double s =
        v.line.s + static_cast<double>(y) * v.line.dy + static_cast<double>(x) * v.line.dx;
    const double edge = s - 0.5 * v.along;  // where a row of the tile begins
    const double least =
        edge + std::min(0.0, side * v.along) + std::min(0.0, (side - 1) * v.across);
    const double most = edge + std::max(0.0, side * v.along) + std::max(0.0, (side - 1) * v.across);
    const double first = std::max(0.0, std::floor(least + 0.5));
    const double last = std::min(static_cast<double>(detector_ - 1), std::floor(most + 0.5));
    if (first > last) return false;
    const double bin_width = std::abs(v.pixels_per_bin);
    to = {sums + static_cast<index_t>(first) * width,
          static_cast<index_t>(last - first) + 1,
          static_cast<T>((first - edge) * v.pixels_per_bin - 0.5 * bin_width),
          static_cast<T>(v.pixels_per_bin),
          static_cast<T>(-v.across * v.pixels_per_bin),
          static_cast<T>(bin_width),
          v.upright ? tile_size : 1,
          v.upright ? 1 : tile_size};
    return true;
  }

  void put_views(const slice_group& part, index_t begin, index_t end, const T* sums, T* sinograms,
                 mode how) const noexcept {
    for (index_t v = begin; v < end; ++v)
      for (index_t i = 0; i < part.count; ++i) {
        T* const to = sinograms + ((part.first + i) * views() + v) * detector_;
        const T* const from = sums + (v - begin) * detector_ * part.width + i;
        for (index_t u = 0; u < detector_; ++u) put(to[u], factor_ * from[u * part.width], how);
      }
  }

  bool strips(index_t width) const {
    return width == 1 && functions_->strip != nullptr &&
           widest_ <= static_cast<double>(functions_->strip_width);
  }
  index_t pitch(index_t pixels) const { return pixels + 2 * strip_margin; }
  index_t upright_count() const { return ny_ * pitch(nx_); }
  index_t turned_count() const { return nx_ * pitch(ny_); }

  void run_strips(const slice_group& part, const T* slices, T* sinograms, mode how,
                  T* memory) const {
    T* const turned = memory + upright_count();
    const T* const slice = slices + part.first * ny_ * nx_;
    std::fill_n(memory, upright_count() + turned_count(), T(0));
    for (index_t y = 0; y < ny_; ++y)
      for (index_t x = 0; x < nx_; ++x)
        memory[y * pitch(nx_) + strip_margin + x] = turned[x * pitch(ny_) + strip_margin + y] =
            slice[y * nx_ + x];
    ir::run_blocks(views(), 1, [&](index_t v, index_t last) noexcept {
      for (; v < last; ++v) {
        const view& here = views_[static_cast<std::size_t>(v)];
        T* const row = sinograms + (part.first * views() + v) * detector_;
        for (index_t u = 0; u < detector_; u += strip_bins) {
          T sums[strip_bins];
          sum_strip(here, u, here.upright ? memory : turned, sums);
          for (index_t k = 0; k < std::min(strip_bins, detector_ - u); ++k)
            put(row[u + k], factor_ * sums[k], how);
        }
      }
    });
  }

  // Bins u to u + strip_bins, in the rows where one of them meets the slice.
  void sum_strip(const view& v, index_t u, const T* pixels, T* sums) const noexcept {
    const index_t rows = v.upright ? ny_ : nx_, n = v.upright ? nx_ : ny_;
    const double width = std::abs(v.pixels_per_bin);
    const double edge = v.line.s - 0.5 * v.along, per_row = -v.across * v.pixels_per_bin;
    const double start = (static_cast<double>(u) - edge) * v.pixels_per_bin - 0.5 * width;
    const double span = static_cast<double>(strip_bins - 1) * v.pixels_per_bin;
    // Bins lie within [low, high] + row per_row, the slice within [0, n].
    const double low = start + std::min(span, 0.0), high = start + std::max(span, 0.0) + width;
    const double last_row = static_cast<double>(rows);
    double begin = 0, end = last_row;
    if (std::abs(per_row) * last_row < 1e-6) {
      if (high <= 0 || low >= static_cast<double>(n)) end = 0;
    } else {
      const double a = -high / per_row, b = (static_cast<double>(n) - low) / per_row;
      begin = std::clamp(std::floor(std::min(a, b)), 0.0, last_row);
      end = std::clamp(std::ceil(std::max(a, b)), begin, last_row);
    }
    const auto first = static_cast<index_t>(begin);
    functions_->strip(
        {pixels + strip_margin + first * pitch(n), pitch(n), static_cast<index_t>(end) - first,
         start + begin * per_row, per_row, static_cast<T>(v.pixels_per_bin), static_cast<T>(width)},
        sums);
  }

  index_t ny_, nx_, detector_;
  index_t block_views_ = 1;  // by the number of threads: no sum depends on it
  T factor_;
  const ray_functions<T>* functions_;
  std::vector<view> views_;
  double widest_ = 0;  // of a bin, in pixels
};

}  // namespace ir::detail
