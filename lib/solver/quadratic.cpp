#include "solver/quadratic.hpp"

#include <algorithm>

#include "core/parallel_for.hpp"
#include "fft/plan.hpp"
#include "solver/quadratic_kernel.hpp"

namespace ir {
namespace {

// Of one image: the leading axes are channels, which share the symbols.
shape image_of(const space& in) {
  const space::block& b = in.blocks()[0];
  return shape(b.extents.extents().last(static_cast<std::size_t>(b.spatial)));
}
shape half(const shape& image) {
  std::vector<index_t> n(image.extents().begin(), image.extents().end());
  n.back() = n.back() / 2 + 1;
  return shape(n);
}

bool are_convolutions(const std::vector<term>& terms) {
  return std::all_of(terms.begin(), terms.end(),
                     [](const term& t) { return !t.A || t.A->properties().convolution_bank; });
}

bool is_fourier_diagonal(const space& domain, const std::vector<term>& quadratics,
                         const std::vector<term>& K) {
  const space::block& b = domain.blocks()[0];
  if (domain.blocks().size() != 1 || b.of == field::complex || b.spatial == 0) return false;
  for (const term& t : quadratics)
    if (t.f->quadratic()->diagonal) return false;
  return are_convolutions(quadratics) && are_convolutions(K);
}

}  // namespace

quadratic_problem::quadratic_problem(queue& q, const space& domain, precision type,
                                     const std::vector<term>& quadratics, const coupled_sum& K,
                                     const inner_options& o)
    : K_(K),
      options_(o),
      how_("conjugate gradients from the iterate before"),
      of_F_(normal_equations_of(q, domain, type, quadratics)),
      r_(q, domain, type),
      p_(q, domain, type),
      Mp_(q, domain, type) {
  if (!is_fourier_diagonal(domain, quadratics, K.terms())) return;
  diagonalise(q, domain, type);
  how_ = "exact, in the Fourier domain";
}

// Symbols: the spectra of the responses to one point.
void quadratic_problem::diagonalise(queue& q, const space& domain, precision type) {
  const shape image = image_of(domain);
  const auto forward = fft_plan::get(contiguous_fft(fft_kind::r2c, type, image), q.where());
  owned_vec point(q, domain, type), response(q, domain, type), there(q, K_.range(), type);
  const double one = 1;
  copy(q, cref(&one, dtype::f64, shape{1}, device{}),
       ref(vec(point).data(), real_type(type), shape{1}, q.where()));
  const auto symbol = [&](cvec of) {
    owned_vec spectrum(q, space(half(image), field::complex), type);
    forward->run(q, cref(of.data(), real_type(type), image, q.where()), vec(spectrum).block());
    return spectrum;
  };
  of_F_.M->apply(q, point, response);
  N_symbol_.emplace(symbol(response));
  K_.apply(q, point, there);
  K_.adjoint(q, there, response, mode::set);
  K_symbol_.emplace(symbol(response));
  q.synchronize();
}

void quadratic_problem::apply(queue& q, double rho, cvec x, vec Mx) const {
  const scratch_vec Kx(q, K_.range(), x.type());
  K_.apply(q, x, Kx);
  scale(q, rho, Kx);
  K_.adjoint(q, Kx, Mx, mode::set);
  of_F_.M->apply(q, x, Mx, mode::add);
}

void quadratic_problem::solve(queue& q, double rho, cvec v, const inner_product& product, vec x) {
  const scratch_vec right(q, K_.domain(), x.type());
  K_.adjoint(q, v, right, mode::set);
  axpby(q, 1, of_F_.b, rho, right);
  if (N_symbol_)
    divide(q, rho, right, x);
  else
    iterate(q, rho, right, product, x);
}

void quadratic_problem::divide(queue& q, double rho, cvec right, vec x) const {
  const space& domain = K_.domain();
  const shape image = image_of(domain), waves = half(image);
  const int rank = image.rank();
  const index_t images = domain.extents().count() / image.count();
  const scratch spectrum(q, images * waves.count() * 2 * size_of(real_type(x.type())));
  const ref all(spectrum.data(), complex_type(x.type()), shape{images * waves.count()}, q.where());
  const auto plan = [&](fft_kind what) {
    return fft_plan::get(contiguous_fft(what, x.type(), domain.extents(), rank), q.where());
  };
  plan(fft_kind::r2c)->run(q, right.block(), all);
  with_real(x.type(), [&]<class T>() {
    const index_t n = waves.count();
    const auto symbol = [&](const owned_vec& s) {
      return nd_view<const T, 2>{static_cast<const T*>(cvec(s).data()), {n, 2}};
    };
    parallel_for(q, {images, n},
                 kernel::divide_by_symbols<T>{{static_cast<T*>(spectrum.data()), {images, n, 2}},
                                              symbol(*N_symbol_),
                                              symbol(*K_symbol_),
                                              T(rho),
                                              T(image.count())});
  });
  plan(fft_kind::c2r)->consume(q, all, x.block());
}

void quadratic_problem::iterate(queue& q, double rho, cvec right, const inner_product& product,
                                vec x) {
  apply(q, rho, x, r_);
  double rr = product.axpby_square(q, 1, right, -1, r_);
  const double enough = rr * options_.reduction * options_.reduction;
  copy(q, r_, p_);
  for (index_t k = 0; k < options_.iterations && rr > enough; ++k) {
    apply(q, rho, p_, Mp_);
    const double curvature = product.dot(q, p_, Mp_);
    if (!(curvature > 0)) return;  // the null space, or rounding: nothing to gain
    const double before = rr;
    rr = product.descend_square(q, rr / curvature, p_, Mp_, x, r_);
    axpby(q, 1, r_, rr / before, p_);
  }
}

}  // namespace ir
