#include "fft/convolution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "fft/engines.hpp"
#include "fft/plan.hpp"

namespace ir {
namespace {

enum class along : std::uint8_t { rows, columns };

// Real transforms run along rows: of even lengths they cost half a complex one.
index_t padded_length(index_t at_least, along a, device where) {
  if (a == along::columns || at_least == 1) return fast_length(at_least, where);
  return 2 * fast_length((at_least + 1) / 2, where);
}

line_extension extend_line(index_t n, index_t psf, boundary rule, grid_use use, along a,
                           device where) {
  line_extension e{n, n, 0, 0, rule};
  const index_t after = psf / 2, before = psf - 1 - after;
  if (rule == boundary::circular && (use == grid_use::invert || is_fast_length(n))) return e;
  if (use == grid_use::filter && rule == boundary::zero) {
    e.length = padded_length(n + std::max(before, after), a, where);
    return e;
  }
  e.length = padded_length(n + before + after, a, where);
  e.before = use == grid_use::invert ? (e.length - n) / 2 : before;
  e.after = use == grid_use::invert ? e.length - n - e.before : after;
  return e;
}

}  // namespace

std::string_view name_of(boundary b) {
  constexpr std::string_view names[] = {"circular", "zero", "reflect", "edge"};
  return names[static_cast<int>(b)];
}

convolution_geometry plan_convolution(const shape& extents, const shape& psf, boundary rule,
                                      grid_use use, device where) {
  const int rank = extents.rank();
  if (rank < 1 || rank > 3 || psf.rank() != rank)
    throw shape_error(fmt::format("a PSF of {} and data of {}: both must have 1, 2 or 3 axes",
                                  to_string(psf), to_string(extents)));
  if (extents.count() == 0 || psf.count() == 0)
    throw shape_error(
        fmt::format("a PSF of {} and data of {}: empty", to_string(psf), to_string(extents)));

  // (nx), (ny, nx) and (nz, ny, nx) as (1, 1, nx), (ny, 1, nx) and (nz, ny, nx): the filter is
  // applied along the first axis.
  convolution_geometry g{extents, psf, {}, {}, {}, {0, 0, 0}, {1, 1, 1}};
  line_extension* const lines[] = {&g.z, &g.y, &g.x};
  for (int axis = 0; axis < rank; ++axis) {
    const int to = axis == rank - 1 ? 2 : axis;
    *lines[to] = extend_line(extents[axis], psf[axis], rule, use,
                             to == 2 ? along::rows : along::columns, where);
    g.centre[to] = psf[axis] / 2;
    g.reach[to] = psf[axis];
  }
  return g;
}

convolution_geometry plan_slab_convolution(const shape& extents, const shape& psf, boundary rule,
                                           device where) {
  convolution_geometry g = plan_convolution(extents, psf, rule, grid_use::filter, where);
  const along a = extents.rank() == 1 ? along::rows : along::columns;
  (a == along::rows ? g.x : g.z) = {extents[0], padded_length(extents[0], a, where), 0, 0,
                                    boundary::zero};
  return g;
}

shape convolution_geometry::grid() const {
  if (extents.rank() == 1) return {x.length};
  if (extents.rank() == 2) return {z.length, x.length};
  return {z.length, y.length, x.length};
}

index_t convolution_geometry::table_bytes(precision p, device where) const {
  return where.kind == device::cpu ? detail::pruned_table_bytes(*this, p)
                                   : detail::plain_table_bytes(*this, p);
}

index_t convolution_geometry::scratch_bytes(precision p, device where) const {
  return where.kind == device::cpu ? detail::pruned_scratch_bytes(*this, p)
                                   : detail::plain_scratch_bytes(*this, p);
}

double convolution_geometry::seconds(precision p, device where, int threads) const {
  const double wide = p == precision::f64 ? 2 : 1, points = static_cast<double>(grid_count());
  // CPU: 3.2 to 4 ns a point of the grid on one AVX-512 core, tests/bench/rl_bench. GPU: bytes
  // moved by two transforms and the filter, at 1 TB/s.
  return where.kind == device::cpu ? wide * points * 4e-9 / std::max(1, threads)
                                   : wide * points * 74e-12;
}

namespace detail {

placed_psf place_psf(queue& q, const convolution_geometry& g, cref psf, psf_sum sum) {
  if (psf.extents != g.psf)
    throw shape_error(
        fmt::format("a PSF of {} where {} was planned", to_string(psf.extents), to_string(g.psf)));
  placed_psf p;
  p.values.resize(static_cast<std::size_t>(psf.extents.count()));
  copy(q, psf, ref(p.values.data(), dtype::f64, psf.extents));
  q.synchronize();

  for (const double v : p.values) {
    if (!std::isfinite(v))
      throw data_error(
          fmt::format("the PSF ({}) has values that are NaN or infinite", to_string(psf.extents)));
    p.total += v;
  }
  if (sum == psf_sum::one) {
    if (!(p.total > 0))
      throw data_error(
          fmt::format("the sum of the PSF ({}) is {:g}: it cannot be made 1; subtract "
                      "its background, or keep its sum",
                      to_string(psf.extents), p.total));
    for (double& v : p.values) v /= p.total;
    p.total = 1;
  }

  const index_t lengths[] = {g.z.length, g.y.length, g.x.length};
  for (int axis = 0; axis < 3; ++axis)
    for (index_t k = 0; k < g.reach[axis]; ++k) {
      const index_t n = lengths[axis];
      p.at[axis].push_back(((k - g.centre[axis]) % n + n) % n);
    }
  return p;
}

}  // namespace detail

std::shared_ptr<const convolution> convolution::make(queue& q, const convolution_geometry& g,
                                                     precision p, cref psf, psf_sum sum,
                                                     const response& r, engine e) {
  const detail::placed_psf placed = detail::place_psf(q, g, psf, sum);
  return q.where().kind == device::cpu && e == engine::best
             ? detail::make_pruned(q, g, p, placed, r)
             : detail::make_plain(q, g, p, placed, r);
}

void convolution::check(cref from, cref to) const {
  if (from.extents != geometry_.extents || to.extents != geometry_.extents)
    throw shape_error(fmt::format("a convolution of {} applied to {} and {}",
                                  to_string(geometry_.extents), to_string(from.extents),
                                  to_string(to.extents)));
  if (from.type != real_type(type_) || to.type != real_type(type_))
    throw usage_error(fmt::format("a convolution in {} applied to {} and {}", name_of(type_),
                                  name_of(from.type), name_of(to.type)));
  if (from.where != where_ || to.where != where_)
    throw usage_error("a convolution applied to arrays on another device");
}

void convolution::apply(queue& q, cref x, ref y, mode how) const {
  check(x, y);
  do_apply(q, x, y, how);
}

void convolution::adjoint(queue& q, cref y, ref x, mode how) const {
  check(y, x);
  do_adjoint(q, y, x, how);
}

void convolution::through(queue& q, line_work load, line_work between, line_work store) const {
  if (!has_lines()) throw usage_error("this convolution does not work by lines");
  do_through(q, load, between, store);
}

void convolution::do_through(queue&, line_work, line_work, line_work) const {}

}  // namespace ir
