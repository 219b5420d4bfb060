#include <algorithm>
#include <cmath>

#include "core/parallel_for.hpp"
#include "tomo/ray_engine.hpp"
#include "tomo/ray_kernel.hpp"

// What runs on a GPU, from kernels that run anywhere:
//
//   for each 8 slices
//     lay them side by side                         -> (y, x, slice)
//     for each bin: sum its pixels
//
//   for each 8 slices, for each chunk of views
//     lay the sinograms side by side                -> (view, sample, slice)
//     for each pixel: sum its bins, add to the slices

namespace ir::detail {
namespace {

constexpr index_t ceiling(double x) { return static_cast<index_t>(std::ceil(x)); }

/// Places around pixels and bins, and how much scratch memory it all takes.
struct layout {
  explicit layout(const parallel_geometry& g) : chunk(std::min<index_t>(g.views(), 128)) {
    const std::vector<double> widths = pixel_widths(g);
    const auto [least, most] = std::minmax_element(widths.begin(), widths.end());
    pixel_margin = 1 + ceiling(1 / *least);
    bin_margin = 1 + ceiling(*most);
    rows = g.ny + 2 * pixel_margin;
    pitch = g.nx + 2 * pixel_margin;
    per_view = g.detector + 2 * bin_margin;
  }
  template <class T>
  index_t scratch_bytes() const {
    return std::max(rows * pitch, chunk * per_view) *
           static_cast<index_t>(sizeof(kernel::ray_group<T>));
  }

  index_t chunk, pixel_margin, bin_margin;
  index_t rows, pitch;  // of pixels with their margins
  index_t per_view;     // bins with theirs
};

template <class T>
class plain_engine final : public ray_engine {
 public:
  static constexpr index_t group = kernel::ray_slices;
  using group_type = kernel::ray_group<T>;

  plain_engine(queue& q, const parallel_geometry& g, precision p)
      : ray_engine(g),
        layout_(g),
        ray_lines_(q, dtype::f64, shape{g.views(), 5}),
        pixel_lines_(q, dtype::f64, shape{g.views(), 4}),
        factors_(q, real_type(p), shape{g.views()}) {
    const std::vector<double> widths = pixel_widths(g), factors = ray_factors(g);
    std::vector<double> rays, pixels;
    std::size_t view = 0;
    for (const view_line& line : view_lines(g)) {
      const double width = widths[view++];
      const bool upright = std::abs(line.dx) >= std::abs(line.dy);
      const double along = upright ? line.dx : line.dy, across = upright ? line.dy : line.dx;
      rays.insert(rays.end(), {0.5 - line.s / along - 0.5 / width, 1 / along, -across / along,
                               1 / width, upright ? 1.0 : 0.0});
      pixels.insert(pixels.end(), {line.s + 0.5 * (1 - width), line.dy, line.dx, width});
    }
    copy(q, cref(rays.data(), dtype::f64, shape{g.views(), 5}), ray_lines_.get());
    copy(q, cref(pixels.data(), dtype::f64, shape{g.views(), 4}), pixel_lines_.get());
    copy(q, cref(factors.data(), dtype::f64, shape{g.views()}), factors_.get());
    q.synchronize();  // the host's tables end here
  }

  index_t scratch_bytes(index_t) const override { return layout_.scratch_bytes<T>(); }

  void project(queue& q, index_t slices, const void* from, void* to, mode how) const override {
    const parallel_geometry& g = geometry;
    const scratch memory(q, scratch_bytes(slices));
    const index_t rows = layout_.rows, pitch = layout_.pitch, margin = layout_.pixel_margin;
    for (index_t first = 0; first < slices; first += group) {
      q.poll();
      const index_t count = std::min(group, slices - first);
      T* const pixels = static_cast<T*>(memory.data());
      parallel_for(q, {rows, pitch, group},
                   kernel::lay_rows<T>{static_cast<const T*>(from) + first * g.ny * g.nx,
                                       {pixels, {rows, pitch, group}},
                                       nullptr,
                                       g.ny,
                                       g.ny,
                                       g.nx,
                                       count,
                                       margin,
                                       margin});
      parallel_for(
          q, {g.views(), g.detector},
          kernel::project_rays<T>{static_cast<const group_type*>(memory.data()),
                                  static_cast<const double*>(ray_lines_.get().data),
                                  static_cast<T*>(to) + first * g.views() * g.detector, g.views(),
                                  g.detector, g.ny, g.nx, pitch, margin, count,
                                  static_cast<T>(g.spacing * g.spacing * g.pixel_size), how});
    }
  }

  void backproject(queue& q, index_t slices, const void* from, void* to, mode how) const override {
    const parallel_geometry& g = geometry;
    const scratch memory(q, scratch_bytes(slices));
    for (index_t first = 0; first < slices; first += group) {
      const index_t count = std::min(group, slices - first);
      for (index_t view = 0; view < g.views(); view += layout_.chunk) {
        q.poll();
        const index_t views = std::min(layout_.chunk, g.views() - view);
        T* const samples = static_cast<T*>(memory.data());
        parallel_for(q, {views, layout_.per_view, group},
                     kernel::lay_rows<T>{
                         static_cast<const T*>(from) + (first * g.views() + view) * g.detector,
                         {samples, {views, layout_.per_view, group}},
                         static_cast<const T*>(factors_.get().data) + view,
                         g.views(),
                         views,
                         g.detector,
                         count,
                         0,
                         layout_.bin_margin});
        parallel_for(
            q, {g.ny, g.nx},
            kernel::backproject_rays<T>{
                static_cast<const group_type*>(memory.data()),
                static_cast<const double*>(pixel_lines_.get().data) + 4 * view,
                static_cast<T*>(to) + first * g.ny * g.nx, views, layout_.per_view, g.detector,
                g.ny, g.nx, layout_.bin_margin, count, view == 0 ? how : mode::add});
      }
    }
  }

 private:
  layout layout_;
  array ray_lines_, pixel_lines_, factors_;
};

}  // namespace

std::unique_ptr<const ray_engine> plain_rays(queue& q, const parallel_geometry& g, precision p) {
  if (p == precision::f32) return std::make_unique<plain_engine<float>>(q, g, p);
  return std::make_unique<plain_engine<double>>(q, g, p);
}

index_t ray_scratch_bytes(const parallel_geometry& g, precision p, device d, index_t slices) {
  if (d.kind == device::cpu) return cpu_rays(g, p)->scratch_bytes(slices);
  return p == precision::f32 ? layout(g).scratch_bytes<float>() : layout(g).scratch_bytes<double>();
}

}  // namespace ir::detail
