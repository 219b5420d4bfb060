#include "tomo/ray_transform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "tomo/ray_engine.hpp"

namespace ir {
namespace {

space sinogram_space(const space& domain, const parallel_geometry& g) {
  g.check();
  const space::block& b = domain.blocks().front();
  const int rank = b.extents.rank();
  if (domain.blocks().size() != 1 || b.of != field::real || rank < 2 ||
      b.extents[rank - 2] != g.ny || b.extents[rank - 1] != g.nx)
    throw shape_error(
        fmt::format("rays through slices of {}: the geometry's are real, (..., {}, {})",
                    to_string(domain), g.ny, g.nx));
  std::vector<index_t> n(b.extents.extents().begin(), b.extents.extents().end());
  n[n.size() - 2] = g.views();
  n[n.size() - 1] = g.detector;
  return {shape(n), field::real, b.spatial};
}

// Of one view: what a ray takes from all rows at most, times what a pixel gives to all rays. A ray
// covers at most one pixel's width of each row; the rows move along by |across| on the detector, so
// a point of it meets at most nx |along| / |across| + 1 of them.
double square_bound(const detail::view_line& line, const parallel_geometry& g) {
  const double dx = std::abs(line.dx), dy = std::abs(line.dy);
  const bool upright = dx >= dy;
  const double rows = static_cast<double>(upright ? g.ny : g.nx);
  const double pixels = static_cast<double>(upright ? g.nx : g.ny);
  const double along = std::max(dx, dy), across = std::min(dx, dy);
  const double met = across * rows <= pixels * along + across ? rows : pixels * along / across + 1;
  const double pixel = g.spacing * g.spacing * g.pixel_size;  // in all bins of a view
  return pixel / along * std::min(1.0, pixels * along) * met * pixel;
}

}  // namespace

ray_transform::ray_transform(queue& q, const space& domain, const parallel_geometry& g, precision p)
    : linear_operator(domain, sinogram_space(domain, g), {.nonnegative = true},
                      placement{p, q.where()}),
      engine_(q.where().kind == device::cuda ? detail::plain_rays(q, g, p)
                                             : detail::cpu_rays(g, p)) {}

ray_transform::~ray_transform() = default;

const parallel_geometry& ray_transform::geometry() const { return engine_->geometry; }

owned_vec ray_transform::row_sums(queue& q, precision p) const {
  owned_vec ones(q, domain(), p), sums(q, range(), p);
  fill(q, 1, ones);
  apply(q, ones, sums);
  return sums;
}

owned_vec ray_transform::column_sums(queue& q, precision p) const {
  owned_vec ones(q, range(), p), sums(q, domain(), p);
  fill(q, 1, ones);
  adjoint(q, ones, sums);
  return sums;
}

index_t ray_transform::scratch_bytes(const parallel_geometry& g, precision p, device d,
                                     index_t slices) {
  return detail::ray_scratch_bytes(g, p, d, slices);
}

// 1e9 updates a second: of a core (a Zen 4), of a large GPU (a fraction of its bound).
double ray_transform::seconds(const parallel_geometry& g, index_t slices, device d, int threads) {
  const double updates = static_cast<double>(g.views()) * static_cast<double>(g.ny) *
                         static_cast<double>(g.nx) * static_cast<double>(slices);
  const double rate = d.kind == device::cuda ? 1000e9 : (slices < 8 ? 2e9 : 7e9) * threads;
  return updates / rate;
}

void ray_transform::do_apply(queue& q, cvec x, vec y, mode how) const {
  engine_->project(q, slices(), x.data(), y.data(), how);
}

void ray_transform::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  engine_->backproject(q, slices(), y.data(), x.data(), how);
}

std::optional<bound> ray_transform::do_norm() const {
  double square = 0;
  for (const detail::view_line& line : detail::view_lines(geometry()))
    square += square_bound(line, geometry());
  return bound{0, std::sqrt(square), "sum over views of row sum x column sum"};
}

index_t ray_transform::do_scratch(precision) const { return engine_->scratch_bytes(slices()); }

index_t ray_transform::slices() const {
  return domain().extents().count() / (geometry().ny * geometry().nx);
}

}  // namespace ir
