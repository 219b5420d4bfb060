#include "op/difference.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "op/image_layout.hpp"
#include "op/registry.hpp"
#include "op/resample.hpp"
#include "op/spec_algebra.hpp"

namespace ir {
namespace {

constexpr double pi = std::numbers::pi;

int spatial_of(const space& s) { return layout_of(s, "differences").spatial; }

difference_grid grid_of(const space& s, const difference_options& o) {
  difference_grid grid;
  grid.used = spatial_of(s);
  const shape& n = s.extents();
  for (int c = 0; c < grid.used; ++c) {
    const double h = for_axis(o.spacing, c, grid.used, "spacing");
    if (!(h > 0) || !std::isfinite(h))
      throw usage_error(fmt::format("a spacing of {:g}: above 0 is expected", h));
    grid.axis[3 - grid.used + c] = {n[n.rank() - grid.used + c], 1 / h, o.rule};
  }
  return grid;
}

space with_components(const space& s, index_t components) {
  const shape& n = s.extents();
  std::vector<index_t> all{components};
  all.insert(all.end(), n.extents().begin(), n.extents().end());
  return {shape(all), field::real, spatial_of(s)};
}

index_t pairs(int d) { return index_t{d} * (d + 1) / 2; }

// Largest eigenvalue of D^T D for unit spacing.
double largest_square(const difference_axis& d) {
  const auto n = static_cast<double>(d.n);
  const auto square = [](double a) { return a * a; };
  switch (d.rule) {
    case boundary::circular:
      return d.n % 2 == 0 ? 4 : d.n == 1 ? 0 : 4 * square(std::cos(pi / (2 * n)));
    case boundary::zero:
      return 4 * square(std::sin(pi * (2 * n - 1) / (2 * (2 * n + 1))));
    case boundary::reflect:
    case boundary::edge:
      break;
  }
  return d.n == 1 ? 0 : 4 * square(std::sin(pi * (n - 1) / (2 * n)));
}

// Of second differences.
double largest_second(const difference_axis& d) {
  if (d.rule != boundary::zero) return largest_square(d);
  const double c = std::cos(pi / (2 * static_cast<double>(d.n + 1)));
  return 4 * c * c;
}

template <class Largest>
double sum_over_axes(const difference_grid& grid, const Largest& largest) {
  double sum = 0;
  for (int a = 3 - grid.used; a < 3; ++a)
    sum += grid.axis[a].scale * grid.axis[a].scale * largest(grid.axis[a]);
  return sum;
}

struct planes {
  index_t n[3];
};
planes planes_of(const difference_grid& g, const space& domain) {
  const index_t ny = g.axis[1].n, nx = g.axis[2].n;
  return {{domain.extents().count() / (ny * nx), ny, nx}};
}

// kernel<T>{from, to, grid, how} over all points of the domain.
template <template <class> class Kernel, class From, class To>
void run(queue& q, const planes& p, const From& from, const To& to, const difference_grid& grid,
         mode how, precision type) {
  with_real(type, [&]<class T>() {
    parallel_for(q, p.n,
                 Kernel<T>{from.template operator()<T>(), to.template operator()<T>(), grid, how});
  });
}

// A vector as (images * nz, ny, nx), or with its components before.
template <class V>
auto as_planes(const basic_vec<V>& v, const planes& p) {
  return [v, p]<class T>() { return view<T>(v, {p.n[0], p.n[1], p.n[2]}); };
}
template <class V>
auto as_components(const basic_vec<V>& v, const planes& p) {
  const index_t components = v.in().extents()[0];
  return [v, p, components]<class T>() { return view<T>(v, {components, p.n[0], p.n[1], p.n[2]}); };
}

traits bank(const difference_options& o) {
  return {.convolution_bank = o.rule == boundary::circular};
}

traits second_difference_traits(const difference_options& o) {
  return {.self_adjoint = true, .fourier_diagonal = o.rule == boundary::circular};
}

}  // namespace

space gradient::range_of(const space& domain) {
  return with_components(domain, spatial_of(domain));
}

gradient::gradient(const space& domain, const difference_options& o)
    : linear_operator(domain, range_of(domain), bank(o)), grid_(grid_of(domain, o)) {}

void gradient::do_apply(queue& q, cvec x, vec g, mode how) const {
  const planes p = planes_of(grid_, domain());
  run<kernel::gradient_forward>(q, p, as_planes(x, p), as_components(g, p), grid_, how, x.type());
}

void gradient::do_adjoint(queue& q, cvec g, vec x, mode how) const {
  const planes p = planes_of(grid_, domain());
  run<kernel::gradient_adjoint>(q, p, as_components(g, p), as_planes(x, p), grid_, how, x.type());
}

std::optional<bound> gradient::do_norm() const {
  return around(std::sqrt(sum_over_axes(grid_, largest_square)), "closed form");
}

laplacian::laplacian(const space& domain, const difference_options& o)
    : linear_operator(domain, domain, second_difference_traits(o)), grid_(grid_of(domain, o)) {}

void laplacian::do_apply(queue& q, cvec x, vec y, mode how) const {
  const planes p = planes_of(grid_, domain());
  run<kernel::laplacian>(q, p, as_planes(x, p), as_planes(y, p), grid_, how, x.type());
}

void laplacian::do_adjoint(queue& q, cvec y, vec x, mode how) const { do_apply(q, y, x, how); }

std::optional<bound> laplacian::do_norm() const {
  return around(sum_over_axes(grid_, largest_second), "closed form");
}

space hessian::range_of(const space& domain) {
  return with_components(domain, pairs(spatial_of(domain)));
}

hessian::hessian(const space& domain, const difference_options& o)
    : linear_operator(domain, range_of(domain), bank(o)), grid_(grid_of(domain, o)) {
  if (o.rule == boundary::zero)
    throw usage_error("hessian: boundary zero is not possible; edge, reflect and circular are");
}

void hessian::do_apply(queue& q, cvec x, vec h, mode how) const {
  const planes p = planes_of(grid_, domain());
  run<kernel::hessian_forward>(q, p, as_planes(x, p), as_components(h, p), grid_, how, x.type());
}

void hessian::do_adjoint(queue& q, cvec h, vec x, mode how) const {
  const planes p = planes_of(grid_, domain());
  run<kernel::hessian_adjoint>(q, p, as_components(h, p), as_planes(x, p), grid_, how, x.type());
}

std::optional<bound> hessian::do_norm() const {
  return around(sum_over_axes(grid_, largest_second), "closed form");
}

namespace {

// The range without its first axis, where that has as many components as there are spatial axes.
template <class Count>
space without_components(const space& y, const char* name, const Count& count) {
  const shape& n = y.extents();
  const int spatial = y.blocks()[0].spatial;
  if (n.rank() < 2 || n.rank() <= spatial || n[0] != count(spatial))
    throw shape_error(
        fmt::format("{} is no result of {}: its first axis must have a component for "
                    "each derivative",
                    to_string(y), name));
  return {shape(n.extents().subspan(1)), field::real, spatial};
}

struct gradient_spec final : op_spec {
  difference_options o;
  space do_range(const space& x) const override { return gradient::range_of(x); }
  std::optional<space> do_domain(const space& y) const override {
    return without_components(y, "gradient", [](int d) { return index_t{d}; });
  }
  op_ptr do_build(const space& x, precision, queue&) const override {
    return std::make_shared<gradient>(x, o);
  }
};

struct hessian_spec final : op_spec {
  difference_options o;
  space do_range(const space& x) const override { return hessian::range_of(x); }
  std::optional<space> do_domain(const space& y) const override {
    return without_components(y, "hessian", pairs);
  }
  op_ptr do_build(const space& x, precision, queue&) const override {
    return std::make_shared<hessian>(x, o);
  }
};

struct laplacian_spec final : op_spec {
  difference_options o;
  space do_range(const space& x) const override {
    spatial_of(x);
    return x;
  }
  std::optional<space> do_domain(const space& y) const override { return y; }
  op_ptr do_build(const space& x, precision, queue&) const override {
    return std::make_shared<laplacian>(x, o);
  }
};

template <class Spec>
std::shared_ptr<Spec> with_options(std::span<const argument> a) {
  auto s = std::make_shared<Spec>();
  s->o = {numbers(a[0]), boundary_named(word(a[1]))};
  return s;
}

using kind = argument_kind;
const std::vector<parameter> parameters{
    {"spacing", kind::numbers, "distance of neighbours, one or one for each axis", argument(1.0)},
    {"boundary", kind::word, "beyond the edges: edge, reflect, zero, circular",
     argument(std::string("edge"))}};

const registered<op_entry> gradient_entry{
    {"gradient", "forward differences along each spatial axis", parameters,
     [](auto a) { return with_options<gradient_spec>(a); }}};

const registered<op_entry> divergence_entry{
    {"divergence", "minus the adjoint of the gradient", parameters,
     [](auto a) { return scale(-1, adjoint(with_options<gradient_spec>(a))); }}};

const registered<op_entry> laplacian_entry{
    {"laplacian", "sum of second differences", parameters,
     [](auto a) { return with_options<laplacian_spec>(a); }}};

const registered<op_entry> hessian_entry{
    {"hessian", "second derivatives: aa, bb, cc, then sqrt 2 times ab, ac, bc", parameters,
     [](auto a) { return with_options<hessian_spec>(a); }}};

}  // namespace
}  // namespace ir
