#include <algorithm>
#include <cmath>
#include <vector>

#include "core/parallel.hpp"
#include "tomo/fbp_engine.hpp"
#include "tomo/filter_rows.hpp"
#include "tomo/tile_functions.hpp"

// Slices go in groups, views in chunks whose filtered rows stay in the last-level cache:
//
//   for each group of slices, for each chunk of views
//     filter the rows (blocks of columns, several slices or several views)   -> (view, sample,
//     slice) for each tile of the slices: sum the chunk's views, add to the slices

namespace ir::detail {
namespace {

constexpr index_t round_up(index_t n, index_t to) { return (n + to - 1) / to * to; }

template <class T>
class cpu_engine final : public fbp::engine {
 public:
  static constexpr index_t lanes = slice_lanes<T>;

  cpu_engine(const parallel_geometry& g, const ramp_options& o, precision p)
      : engine(g, p, device{}),
        lines_(view_lines(g)),
        filter_(g.detector, o),
        level_(tile_functions_in_use<T>()),
        // Sample k is detector pixel k - 1; a zero before and two behind, then the slack.
        samples_(round_up(g.detector + 3 + sample_slack, lanes)),
        chunk_(even_chunk(g.views(), samples_)) {
    for (const double f : view_factors(g)) factors_.push_back(static_cast<T>(f));
  }

  index_t scratch_bytes(index_t slices) const override {
    return round_up(filtered_bytes(group_of(slices)), 64) + jobs * filter_.block_bytes() + 128;
  }

  void apply(queue& q, cref sinograms, ref slices) const override {
    const index_t n = sinograms.extents[0];
    const scratch memory(q, scratch_bytes(n));
    T* const blocks = static_cast<T*>(memory.data());
    T* const filtered = blocks + jobs * filter_.block_bytes() / static_cast<index_t>(sizeof(T));
    for (index_t first = 0; first < n;) {
      const group part{first, std::min(group_of(n - first), n - first), group_of(n - first)};
      for (index_t view = 0; view < geometry.views(); view += chunk_) {
        q.poll();
        const index_t end = std::min(view + chunk_, geometry.views());
        filter_views(sinograms, part, view, end, blocks, filtered);
        q.poll();
        backproject(part, view, end, filtered, static_cast<T*>(slices.data));
      }
      first += part.count;
      q.progress("slice", first, n);
    }
  }

 private:
  static constexpr index_t jobs = 16;  // of the filter, each with a block
  struct group {
    index_t first, count, width;  // slices; `width` of them have room side by side
  };

  // How many slices go side by side when `n` are left: from half a vector on it pays.
  static index_t group_of(index_t n) {
    if (n > lanes) return 2 * lanes;
    return n >= lanes / 2 ? lanes : 1;
  }
  index_t filtered_bytes(index_t width) const {
    return std::min(chunk_, geometry.views()) * samples_ * width * static_cast<index_t>(sizeof(T));
  }

  // At most 24 MiB of filtered rows of a wide group, but 128 views: each chunk reads and writes the
  // slices. The same for any number of slices.
  static index_t even_chunk(index_t views, index_t samples) {
    const index_t most = std::max<index_t>(128, (index_t{24} << 20) / (samples * 128));
    const index_t chunks = (views + most - 1) / most;
    return round_up((views + chunks - 1) / chunks, 2 * lanes);
  }

  void filter_views(cref sinograms, const group& part, index_t begin, index_t end, T* blocks,
                    T* filtered) const {
    // One slice: a column pair holds two views. Several: the views of a block are two or one.
    const index_t at_once = row_filter<T>::rows_at_once / part.width;
    const index_t turns = (end - begin + at_once - 1) / at_once;
    const index_t each = (turns + jobs - 1) / jobs;
    ir::run_blocks(turns, each, [&](index_t turn, index_t last) noexcept {
      T* const block =
          blocks + turn / each * filter_.block_bytes() / static_cast<index_t>(sizeof(T));
      for (; turn < last; ++turn) {
        const index_t view = begin + turn * at_once, stop = std::min(view + at_once, end);
        const T* rows[row_filter<T>::rows_at_once] = {};
        for (index_t v = view; v < stop; ++v)
          for (index_t i = 0; i < part.count; ++i)
            rows[(v - view) * part.width + i] =
                static_cast<const T*>(sinograms.data) +
                ((part.first + i) * geometry.views() + v) * geometry.detector;
        filter_.run(rows, block);
        for (index_t v = view; v < stop; ++v)
          keep(block + (v - view) * part.width, factors_[static_cast<std::size_t>(v)], part.width,
               filtered + (v - begin) * samples_ * part.width);
      }
    });
  }

  // One view from a block to (sample, slice).
  void keep(const T* block, T factor, index_t width, T* to) const noexcept {
    std::fill(to, to + width, T(0));
    for (index_t u = 0; u < geometry.detector; ++u) {
      const T* const from = block + u * row_filter<T>::rows_at_once;
      T* const sample = to + (u + 1) * width;
      for (index_t i = 0; i < width; ++i) sample[i] = from[i] * factor;
    }
    std::fill(to + (geometry.detector + 1) * width, to + samples_ * width, T(0));
  }

  void backproject(const group& part, index_t begin, index_t end, const T* filtered,
                   T* slices) const {
    const index_t across = (geometry.nx + tile_size - 1) / tile_size;
    const index_t down = (geometry.ny + tile_size - 1) / tile_size;
    ir::run_blocks(across * down, 4, [&](index_t tile, index_t last) noexcept {
      for (; tile < last; ++tile) {
        alignas(64) T sums[tile_size * tile_size * 2 * lanes];
        std::fill_n(sums, tile_size * tile_size * part.width, T(0));
        const index_t y = tile / across * tile_size, x = tile % across * tile_size;
        sum_tile(part, y, x, begin, end, filtered, sums);
        add_tile(part, y, x, begin == 0, sums, slices);
      }
    });
  }

  void sum_tile(const group& part, index_t y, index_t x, index_t begin, index_t end,
                const T* filtered, T* sums) const noexcept {
    constexpr index_t most = 256;
    tile_view<T> views[most];
    const auto sum = part.width == 1       ? level_->single
                     : part.width == lanes ? level_->narrow
                                           : level_->wide;
    for (index_t from = begin; from < end; from += most) {
      index_t n = 0;
      for (index_t v = from; v < std::min(from + most, end); ++v)
        if (see(lines_[static_cast<std::size_t>(v)], y, x, part.width,
                filtered + (v - begin) * samples_ * part.width, views[n]))
          ++n;
      sum(views, n, sums);
    }
  }

  // How a tile sees a view; false: it lies beside the detector.
  bool see(const view_line& line, index_t y, index_t x, index_t width, const T* filtered,
           tile_view<T>& to) const noexcept {
    constexpr double side = static_cast<double>(tile_size - 1);
    const double s = line.s + static_cast<double>(y) * line.dy + static_cast<double>(x) * line.dx;
    const double least = s + side * (std::min(line.dy, 0.0) + std::min(line.dx, 0.0));
    const double most = s + side * (std::max(line.dy, 0.0) + std::max(line.dx, 0.0));
    const double end = static_cast<double>(geometry.detector);
    if (most <= -1 || least >= end) return false;
    const double start = std::floor(std::max(least, -1.0));
    to = {filtered + (static_cast<index_t>(start) + 1) * width,
          static_cast<T>(s - start),
          static_cast<T>(line.dy),
          static_cast<T>(line.dx),
          T(0),
          static_cast<T>(end - start)};
    return true;
  }

  void add_tile(const group& part, index_t y, index_t x, bool first, const T* sums,
                T* slices) const noexcept {
    const index_t rows = std::min(tile_size, geometry.ny - y);
    const index_t columns = std::min(tile_size, geometry.nx - x);
    for (index_t i = 0; i < part.count; ++i)
      for (index_t j = 0; j < rows; ++j) {
        T* const to = slices + ((part.first + i) * geometry.ny + y + j) * geometry.nx + x;
        const T* const from = sums + j * tile_size * part.width + i;
        for (index_t k = 0; k < columns; ++k)
          to[k] = first ? from[k * part.width] : to[k] + from[k * part.width];
      }
  }

  std::vector<view_line> lines_;
  std::vector<T> factors_;
  row_filter<T> filter_;
  const tile_functions<T>* level_;
  index_t samples_, chunk_;
};

}  // namespace

std::unique_ptr<const fbp::engine> cpu_fbp(const parallel_geometry& g, const ramp_options& o,
                                           precision p) {
  if (p == precision::f32) return std::make_unique<cpu_engine<float>>(g, o, p);
  return std::make_unique<cpu_engine<double>>(g, o, p);
}

}  // namespace ir::detail
