#include "tomo/fbp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "tomo/fbp_engine.hpp"

namespace ir {
namespace detail {

std::vector<double> view_factors(const parallel_geometry& g) {
  std::vector<double> factors = view_weights(g.angles);
  for (double& f : factors) f /= g.pixel_size;
  return factors;
}

}  // namespace detail

fbp::fbp(queue& q, const parallel_geometry& g, const ramp_options& o, precision p) {
  g.check();
  engine_ =
      q.where().kind == device::cuda ? detail::plain_fbp(q, g, o, p) : detail::cpu_fbp(g, o, p);
}

fbp::~fbp() = default;

const parallel_geometry& fbp::geometry() const { return engine_->geometry; }

void fbp::apply(queue& q, cref sinograms, ref slices, const run& of) const {
  const parallel_geometry& g = engine_->geometry;
  const dtype type = real_type(engine_->type);
  const index_t n = sinograms.extents.rank() == 3 ? sinograms.extents[0] : 0;
  const shape in{n, g.views(), g.detector}, out{n, g.ny, g.nx};
  if (sinograms.extents != in || sinograms.type != type)
    throw shape_error(
        fmt::format("sinograms of {} {}: this scan has (slices, {} views, {} pixels) "
                    "{}",
                    to_string(sinograms.extents), name_of(sinograms.type), g.views(), g.detector,
                    name_of(type)));
  if (slices.extents != out || slices.type != type)
    throw shape_error(fmt::format("{} slices are {} {}, their place is {} {}", n, to_string(out),
                                  name_of(type), to_string(slices.extents), name_of(slices.type)));
  if (sinograms.where != engine_->where || slices.where != engine_->where ||
      q.where() != engine_->where)
    throw shape_error("sinograms, slices and queue are not all on the reconstruction's device");
  if (n > 0) engine_->apply(q, sinograms, slices, {of.before, of.all > 0 ? of.all : n});
}

index_t fbp::scratch_bytes(index_t slices) const { return engine_->scratch_bytes(slices); }

index_t fbp::scratch_bytes(const parallel_geometry& g, precision p, device d, index_t slices) {
  return d.kind == device::cuda ? detail::plain_fbp_bytes(g, p)
                                : detail::cpu_fbp(g, {}, p)->scratch_bytes(slices);
}

// 1e9 updates a second: of a core (tests/bench/fbp_bench on a Zen 4), of a large GPU (its bound).
double fbp::seconds(const parallel_geometry& g, index_t slices, device d, int threads) {
  const double updates = static_cast<double>(g.views()) * static_cast<double>(g.ny) *
                         static_cast<double>(g.nx) * static_cast<double>(slices);
  const double rate = d.kind == device::cuda ? 1500e9 : (slices < 8 ? 4e9 : 10e9) * threads;
  return updates / rate;
}

}  // namespace ir
