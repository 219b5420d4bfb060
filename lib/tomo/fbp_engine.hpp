#pragma once
#include <memory>
#include <vector>

#include "tomo/fbp.hpp"
#include "tomo/view_line.hpp"

namespace ir {

/// What does the work on one kind of device, in one precision.
struct fbp::engine {
  explicit engine(const parallel_geometry& g, precision p, device d)
      : geometry(g), type(p), where(d) {}
  virtual ~engine() = default;
  virtual void apply(queue&, cref sinograms, ref slices, const fbp::run&) const = 0;
  virtual index_t scratch_bytes(index_t slices) const = 0;

  parallel_geometry geometry;
  precision type;
  device where;
};

namespace detail {

/// What a filtered view is multiplied by: its weight / pixel_size.
std::vector<double> view_factors(const parallel_geometry&);

std::unique_ptr<const fbp::engine> cpu_fbp(const parallel_geometry&, const ramp_options&,
                                           precision);
/// From kernels that run on any device; on the CPU it is what tests compare with.
std::unique_ptr<const fbp::engine> plain_fbp(queue&, const parallel_geometry&, const ramp_options&,
                                             precision);
/// About what plain_fbp takes.
index_t plain_fbp_bytes(const parallel_geometry&, precision);

}  // namespace detail
}  // namespace ir
