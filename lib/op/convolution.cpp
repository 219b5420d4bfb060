#include "op/convolution.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "core/error.hpp"

namespace ir {
namespace {

shape spatial_part(const shape& extents, const shape& psf) {
  if (psf.rank() > extents.rank())
    throw shape_error(fmt::format("a PSF of {} has more axes than the data, {}", to_string(psf),
                                  to_string(extents)));
  return shape(extents.extents().last(static_cast<std::size_t>(psf.rank())));
}

space blurred_space(const shape& extents, const shape& psf) {
  return {extents, field::real, spatial_part(extents, psf).rank()};
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

double absolute_sum(queue& q, cref psf, psf_sum sum) {
  std::vector<double> v(static_cast<std::size_t>(psf.extents.count()));
  copy(q, psf, ref(v.data(), dtype::f64, psf.extents));
  q.synchronize();
  double plain = 0, absolute = 0;
  for (const double h : v) {
    plain += h;
    absolute += std::abs(h);
  }
  return sum == psf_sum::one ? absolute / plain : absolute;
}

}  // namespace

convolution_operator::convolution_operator(queue& q, const shape& extents, cref psf, boundary rule,
                                           psf_sum sum, precision p)
    : linear_operator(blurred_space(extents, psf.extents), blurred_space(extents, psf.extents),
                      {.fourier_diagonal = rule == boundary::circular}, placement{p, q.where()}),
      engine_(convolution::make(q,
                                plan_convolution(spatial_part(extents, psf.extents), psf.extents,
                                                 rule, grid_use::filter, q.where()),
                                p, psf, sum)) {
  if (rule == boundary::circular || rule == boundary::zero)
    absolute_sum_ = absolute_sum(q, psf, sum);
}

void convolution_operator::do_apply(queue& q, cvec x, vec y, mode how) const {
  over_batch(x.block(), y.block(), engine_->geometry().extents,
             [&](cref from, ref to) { engine_->apply(q, from, to, how); });
}

void convolution_operator::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  over_batch(y.block(), x.block(), engine_->geometry().extents,
             [&](cref from, ref to) { engine_->adjoint(q, from, to, how); });
}

std::optional<bound> convolution_operator::do_norm() const {
  if (!absolute_sum_) return {};
  return bound{0, *absolute_sum_, "sum of |PSF|"};
}

index_t convolution_operator::do_scratch(precision) const { return engine_->scratch_bytes(); }

}  // namespace ir
