#include "op/fourier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "op/fourier_kernel.hpp"
#include "op/registry.hpp"

namespace ir {
namespace {

int spatial_of(const space& s) {
  const int rank = s.extents().rank() == 0 ? 0 : s.blocks()[0].spatial;
  if (rank < 1 || s.extents().count() == 0)
    throw shape_error(fmt::format("a transform of {}: it needs spatial axes", to_string(s)));
  return rank;
}

double points_of(const space& s) {
  const shape& n = s.extents();
  double points = 1;
  for (int a = n.rank() - spatial_of(s); a < n.rank(); ++a) points *= static_cast<double>(n[a]);
  return points;
}

std::shared_ptr<const fft_plan> plan(fft_kind what, const space& s, precision p, device where) {
  return fft_plan::get(contiguous_fft(what, p, s.extents(), spatial_of(s)), where);
}

}  // namespace

space fourier::range_of(const space& domain) {
  const int spatial = spatial_of(domain);
  const space::block& b = domain.blocks()[0];
  if (b.of == field::complex) return domain;
  std::vector<index_t> n(b.extents.extents().begin(), b.extents.extents().end());
  n.back() = n.back() / 2 + 1;
  return {shape(n), field::complex, spatial};
}

fourier::fourier(const space& domain, precision p, device where)
    : linear_operator(domain, range_of(domain),
                      {.unitary = domain.blocks()[0].of == field::complex, .isometric = 1},
                      placement{p, where}),
      real_(domain.blocks()[0].of == field::real),
      last_(domain.extents()[domain.extents().rank() - 1]),
      scale_(1 / std::sqrt(points_of(domain))),
      forward_(plan(real_ ? fft_kind::r2c : fft_kind::forward, domain, p, where)),
      backward_(plan(real_ ? fft_kind::c2r : fft_kind::inverse, domain, p, where)) {}

void fourier::weigh(queue& q, cref from, ref to, double inner, mode how) const {
  with_real(from.type == dtype::c64 ? precision::f32 : precision::f64, [&]<class T>() {
    const index_t half = from.extents[from.extents.rank() - 1];
    const index_t lines = from.extents.count() / half;
    parallel_for(q, {lines, half},
                 kernel::weigh_half<T>{{static_cast<const T*>(from.data), {lines, half, 2}},
                                       {static_cast<T*>(to.data), {lines, half, 2}},
                                       last_,
                                       T(scale_),
                                       T(inner),
                                       how});
  });
}

void fourier::do_apply(queue& q, cvec x, vec y, mode how) const {
  const double inner = real_ ? std::sqrt(2.0) : 1;
  if (how == mode::set) {
    forward_->run(q, x.block(), y.block());
    return weigh(q, y.block(), y.block(), inner, how);
  }
  const scratch_vec t(q, range(), x.type());
  forward_->run(q, x.block(), vec(t).block());
  weigh(q, vec(t).block(), y.block(), inner, how);
}

void fourier::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  const scratch_vec t(q, range(), x.type());
  const ref spectrum = vec(t).block();
  weigh(q, y.block(), spectrum, real_ ? std::sqrt(0.5) : 1, mode::set);
  if (how == mode::set) return backward_->consume(q, spectrum, x.block());
  const scratch_vec image(q, domain(), x.type());
  backward_->consume(q, spectrum, vec(image).block());
  axpby(q, 1, image, 1, x);
}

index_t fourier::do_scratch(precision p) const {
  return scratch_bytes_of(range(), p) + scratch_bytes_of(domain(), p) +
         std::max(forward_->scratch_bytes(), backward_->scratch_bytes()) + 256;
}

namespace {

struct fourier_spec final : op_spec {
  space do_range(const space& x) const override { return fourier::range_of(x); }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return std::make_shared<fourier>(x, p, q.where());
  }
  op_cost do_cost(const space& x, precision p, device) const override {
    const double n = points_of(x), all = static_cast<double>(x.extents().count());
    return {.flops = 2.5 * all * std::log2(std::max(n, 2.0)),
            .bytes = 4 * all * static_cast<double>(size_of(complex_type(p))),
            .scratch_bytes = scratch_bytes_of(fourier::range_of(x), p) + scratch_bytes_of(x, p)};
  }
};

const registered<op_entry> entry{{"fft",
                                  "orthonormal Fourier transform over the spatial axes; of real x "
                                  "the half spectrum, inner frequencies times sqrt 2",
                                  {},
                                  [](auto) { return std::make_shared<fourier_spec>(); }}};

}  // namespace
}  // namespace ir
