#pragma once
#include <memory>
#include <vector>

#include "core/array.hpp"
#include "core/queue.hpp"
#include "tomo/view_line.hpp"

namespace ir::detail {

/// The loops of ray_transform on one kind of device, in one precision. Slices (v, y, x), sinograms
/// (v, angle, u); `slices` of a call is their number.
struct ray_engine {
  explicit ray_engine(const parallel_geometry& g) : geometry(g) {}
  virtual ~ray_engine() = default;
  virtual void project(queue&, index_t slices, const void* from, void* to, mode) const = 0;
  virtual void backproject(queue&, index_t slices, const void* from, void* to, mode) const = 0;
  virtual index_t scratch_bytes(index_t slices) const = 0;

  const parallel_geometry geometry;
};

/// How much of the detector a pixel covers in each view, in detector pixels: its side times the
/// larger of |cos| and |sin|.
std::vector<double> pixel_widths(const parallel_geometry&);
/// Length of a ray in a row, of each view, over `pixel_widths`: area of a pixel over its width.
std::vector<double> ray_factors(const parallel_geometry&);

std::unique_ptr<const ray_engine> cpu_rays(const parallel_geometry&, precision);
/// Of a call, as the engine of this device will answer it.
index_t ray_scratch_bytes(const parallel_geometry&, precision, device, index_t slices);
/// From kernels that run on any device; on the CPU it is what tests compare with.
std::unique_ptr<const ray_engine> plain_rays(queue&, const parallel_geometry&, precision);

}  // namespace ir::detail
