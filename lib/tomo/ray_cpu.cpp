#include <algorithm>

#include "tomo/ray_engine.hpp"
#include "tomo/tile_backprojection.hpp"
#include "tomo/tile_projection.hpp"

namespace ir::detail {
namespace {

template <class T>
class cpu_engine final : public ray_engine {
 public:
  explicit cpu_engine(const parallel_geometry& g)
      : ray_engine(g),
        projection_(g, g.spacing * g.spacing * g.pixel_size),
        backprojection_(g, pixel_widths(g)),
        chunk_(backprojection_.chunk()) {
    for (const double f : ray_factors(g)) factors_.push_back(static_cast<T>(f));
  }

  // A stack ends with a group that may be wider in memory than half of it.
  index_t scratch_bytes(index_t slices) const override {
    const index_t width = slices_at_once<T>(slices);
    return std::max({projection_.scratch_bytes(width), projection_.scratch_bytes(1),
                     backprojection_.sample_bytes(width)});
  }

  void project(queue& q, index_t slices, const void* from, void* to, mode how) const override {
    each_group(q, slices, [&](const slice_group& part, T* memory) {
      projection_.run(part, static_cast<const T*>(from), static_cast<T*>(to), how, memory);
    });
  }

  void backproject(queue& q, index_t slices, const void* from, void* to, mode how) const override {
    each_group(q, slices, [&](const slice_group& part, T* samples) {
      for (index_t view = 0; view < geometry.views(); view += chunk_) {
        const index_t end = std::min(view + chunk_, geometry.views());
        lay_samples(part, view, end, static_cast<const T*>(from), samples);
        q.poll();
        backprojection_.run(part, view, end, samples, static_cast<T*>(to),
                            view == 0 ? how : mode::add);
      }
    });
  }

 private:
  template <class Work>
  void each_group(queue& q, index_t slices, const Work& work) const {
    const scratch memory(q, scratch_bytes(slices));
    for (index_t first = 0; first < slices;) {
      q.poll();
      const index_t width = slices_at_once<T>(slices - first);
      const slice_group part{first, std::min(width, slices - first), width};
      work(part, static_cast<T*>(memory.data()));
      first += part.count;
    }
  }

  // Views [begin, end) to (view, sample, slice), times the view's factor, zeros around.
  void lay_samples(const slice_group& part, index_t begin, index_t end, const T* sinograms,
                   T* samples) const {
    const index_t width = part.width, all = backprojection_.samples() * width;
    ir::run_blocks(end - begin, 4, [&](index_t v, index_t last) noexcept {
      for (; v < last; ++v) {
        std::fill_n(samples + v * all, all, T(0));
        const T factor = factors_[static_cast<std::size_t>(begin + v)];
        for (index_t i = 0; i < part.count; ++i) {
          const T* const row =
              sinograms + ((part.first + i) * geometry.views() + begin + v) * geometry.detector;
          T* const to = samples + v * all + backprojection_.before() * width + i;
          for (index_t u = 0; u < geometry.detector; ++u) to[u * width] = row[u] * factor;
        }
      }
    });
  }

  tile_projection<T> projection_;
  tile_backprojection<T> backprojection_;
  index_t chunk_;
  std::vector<T> factors_;
};

}  // namespace

std::vector<double> pixel_widths(const parallel_geometry& g) {
  std::vector<double> widths;
  for (const view_line& line : view_lines(g))
    widths.push_back(std::max(std::abs(line.dx), std::abs(line.dy)));
  return widths;
}

std::vector<double> ray_factors(const parallel_geometry& g) {
  std::vector<double> factors = pixel_widths(g);
  for (double& f : factors) f = g.spacing * g.spacing * g.pixel_size / f;
  return factors;
}

std::unique_ptr<const ray_engine> cpu_rays(const parallel_geometry& g, precision p) {
  if (p == precision::f32) return std::make_unique<cpu_engine<float>>(g);
  return std::make_unique<cpu_engine<double>>(g);
}

}  // namespace ir::detail
