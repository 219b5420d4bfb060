#include "op/convolution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "op/blur_norm.hpp"

namespace ir {
namespace {

shape spatial_part(const shape& extents, const shape& psf) {
  if (psf.rank() > extents.rank())
    throw shape_error(fmt::format("a PSF of {} has more axes than the data, {}", to_string(psf),
                                  to_string(extents)));
  return shape(extents.extents().last(static_cast<std::size_t>(psf.rank())));
}

const space& checked(const space& domain) {
  domain.extents();  // shape_error: several blocks
  if (domain.blocks()[0].of == field::complex)
    throw shape_error(fmt::format("a blur of {}: real numbers are expected", to_string(domain)));
  return domain;
}

// Each element of the leading axes.
template <class Each>
void over_batch(cref from, ref to, const shape& spatial, const Each& each) {
  const index_t step = spatial.count(), bytes = step * size_of(from.type);
  const auto* x = static_cast<const std::byte*>(from.data);
  auto* y = static_cast<std::byte*>(to.data);
  for (index_t i = 0; i < from.extents.count() / step; ++i)
    each(cref(x + i * bytes, from.type, spatial, from.where),
         ref(y + i * bytes, to.type, spatial, to.where));
}

std::vector<double> values_of(queue& q, cref psf, psf_sum sum) {
  std::vector<double> v(static_cast<std::size_t>(psf.extents.count()));
  copy(q, psf, ref(v.data(), dtype::f64, psf.extents));
  q.synchronize();
  const double total = std::accumulate(v.begin(), v.end(), 0.0);
  if (sum == psf_sum::one)
    for (double& h : v) h /= total;
  return v;
}

// Of the blur of one image: H^T 1, computed by the engine, so up to its rounding.
double largest_column(queue& q, const convolution& engine, precision p) {
  const space image(engine.geometry().extents);
  owned_vec ones(q, image, p), sums(q, image, p);
  fill(q, 1, ones);
  engine.adjoint(q, vec(ones).block(), vec(sums).block());
  std::vector<double> v(static_cast<std::size_t>(image.extents().count()));
  copy(q, vec(sums).block(), ref(v.data(), dtype::f64, image.extents()));
  q.synchronize();
  const double rounding = p == precision::f32 ? 1e-5 : 1e-12;
  return std::ranges::max(v) * (1 + rounding);
}

bound norm_of(queue& q, const convolution& engine, const std::vector<double>& h, boundary rule,
              precision p) {
  const bool plain = std::ranges::all_of(h, [](double v) { return v >= 0; });
  const bool needed = plain && (rule == boundary::reflect || rule == boundary::edge);
  return blur_norm(engine.geometry().psf, h, engine.geometry().extents, rule,
                   needed ? largest_column(q, engine, p) : 0);
}

traits infer(queue& q, cref psf, boundary rule, psf_sum sum) {
  std::vector<double> h(static_cast<std::size_t>(psf.extents.count()));
  copy(q, psf, ref(h.data(), dtype::f64, psf.extents));
  q.synchronize();
  const double total = std::accumulate(h.begin(), h.end(), 0.0);
  traits t{.fourier_diagonal = rule == boundary::circular,
           .nonnegative = std::ranges::all_of(h, [](double v) { return v >= 0; })};
  if (rule != boundary::zero) t.constant = sum == psf_sum::one ? 1 : total;
  return t;
}

}  // namespace

convolution_operator::convolution_operator(queue& q, const space& domain, cref psf, boundary rule,
                                           psf_sum sum, precision p)
    : linear_operator(checked(domain), domain, infer(q, psf, rule, sum), placement{p, q.where()}),
      engine_(convolution::make(q,
                                plan_convolution(spatial_part(domain.extents(), psf.extents),
                                                 psf.extents, rule, grid_use::filter, q.where()),
                                p, psf, sum)),
      kernel_{psf.extents, values_of(q, psf, sum), rule},
      norm_(norm_of(q, *engine_, kernel_.values, rule, p)) {}

convolution_operator::convolution_operator(queue& q, const shape& extents, cref psf, boundary rule,
                                           psf_sum sum, precision p)
    : convolution_operator(q,
                           space(extents, field::real, spatial_part(extents, psf.extents).rank()),
                           psf, rule, sum, p) {}

void convolution_operator::do_apply(queue& q, cvec x, vec y, mode how) const {
  over_batch(x.block(), y.block(), engine_->geometry().extents,
             [&](cref from, ref to) { engine_->apply(q, from, to, how); });
}

void convolution_operator::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  over_batch(y.block(), x.block(), engine_->geometry().extents,
             [&](cref from, ref to) { engine_->adjoint(q, from, to, how); });
}

index_t convolution_operator::do_scratch(precision) const { return engine_->scratch_bytes(); }

}  // namespace ir
