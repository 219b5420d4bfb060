#include <algorithm>
#include <vector>

#include "core/parallel.hpp"
#include "tomo/fbp_engine.hpp"
#include "tomo/filter_rows.hpp"
#include "tomo/tile_backprojection.hpp"

// Slices go in groups, views in chunks whose filtered rows stay in the last-level cache:
//
//   for each group of slices, for each chunk of views
//     filter the rows (blocks of columns, several slices or several views)   -> (view, sample,
//     slice) for each tile of the slices: sum the chunk's views, add to the slices

namespace ir::detail {
namespace {

template <class T>
class cpu_engine final : public fbp::engine {
 public:
  cpu_engine(const parallel_geometry& g, const ramp_options& o, precision p)
      : engine(g, p, device{}),
        backprojection_(g, std::vector<double>(g.angles.size(), 1.0)),
        filter_(g.detector, o),
        chunk_(backprojection_.chunk()) {
    for (const double f : view_factors(g)) factors_.push_back(static_cast<T>(f));
  }

  index_t scratch_bytes(index_t slices) const override {
    return round_up(backprojection_.sample_bytes(slices_at_once<T>(slices)), 64) +
           jobs * filter_.block_bytes() + 128;
  }

  void apply(queue& q, cref sinograms, ref slices, const fbp::run& of) const override {
    const index_t n = sinograms.extents[0];
    const scratch memory(q, scratch_bytes(n));
    T* const blocks = static_cast<T*>(memory.data());
    T* const filtered = blocks + jobs * filter_.block_bytes() / static_cast<index_t>(sizeof(T));
    for (index_t first = 0; first < n;) {
      const index_t width = slices_at_once<T>(n - first);
      const slice_group part{first, std::min(width, n - first), width};
      for (index_t view = 0; view < geometry.views(); view += chunk_) {
        q.poll();
        const index_t end = std::min(view + chunk_, geometry.views());
        filter_views(sinograms, part, view, end, blocks, filtered);
        q.poll();
        backprojection_.run(part, view, end, filtered, static_cast<T*>(slices.data),
                            view == 0 ? mode::set : mode::add);
      }
      first += part.count;
      q.progress("slice", of.before + first, of.all);
    }
  }

 private:
  static constexpr index_t jobs = 16;  // of the filter, each with a block

  void filter_views(cref sinograms, const slice_group& part, index_t begin, index_t end, T* blocks,
                    T* filtered) const {
    // One slice: a column pair holds two views. Several: the views of a block are two or one.
    const index_t at_once = row_filter<T>::rows_at_once / part.width;
    const index_t samples = backprojection_.samples();
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
               filtered + (v - begin) * samples * part.width);
      }
    });
  }

  // One view from a block to (sample, slice).
  void keep(const T* block, T factor, index_t width, T* to) const noexcept {
    const index_t before = backprojection_.before(), behind = before + geometry.detector;
    std::fill(to, to + before * width, T(0));
    for (index_t u = 0; u < geometry.detector; ++u) {
      const T* const from = block + u * row_filter<T>::rows_at_once;
      T* const sample = to + (before + u) * width;
      for (index_t i = 0; i < width; ++i) sample[i] = from[i] * factor;
    }
    std::fill(to + behind * width, to + backprojection_.samples() * width, T(0));
  }

  tile_backprojection<T> backprojection_;
  row_filter<T> filter_;
  index_t chunk_;
  std::vector<T> factors_;
};

}  // namespace

std::unique_ptr<const fbp::engine> cpu_fbp(const parallel_geometry& g, const ramp_options& o,
                                           precision p) {
  if (p == precision::f32) return std::make_unique<cpu_engine<float>>(g, o, p);
  return std::make_unique<cpu_engine<double>>(g, o, p);
}

}  // namespace ir::detail
