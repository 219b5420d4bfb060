#include "solver/circulant.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

#include "core/parallel_for.hpp"
#include "core/random.hpp"
#include "fft/plan.hpp"
#include "op/algebra.hpp"
#include "op/convolution.hpp"
#include "op/difference.hpp"
#include "op/identity.hpp"
#include "op/separable.hpp"
#include "solver/circulant_kernel.hpp"
#include "tomo/ray_transform.hpp"

namespace ir {
namespace {

// Of one image: the leading axes are channels.
shape image_of(const space& in) {
  const space::block& b = in.blocks()[0];
  return shape(b.extents.extents().last(static_cast<std::size_t>(b.spatial)));
}
shape half(const shape& image) {
  std::vector<index_t> n(image.extents().begin(), image.extents().end());
  n.back() = n.back() / 2 + 1;
  return shape(n);
}

template <class Op>
bool is(const op_ptr& A) {
  return dynamic_cast<const Op*>(A.get()) != nullptr;
}

// ||A x|| / ||x||, x noise: of a diagonal the root of the mean square of its entries.
double mean_gain(queue& q, const linear_operator& A, precision type) {
  owned_vec x(q, A.domain(), type), Ax(q, A.range(), type);
  for (int b = 0; b < static_cast<int>(A.domain().blocks().size()); ++b)
    add_gaussian(q, {.seed = 1, .frame = b}, 1, vec(x).block(b));
  A.apply(q, x, Ax);
  return inner_product().norm(q, Ax) / inner_product().norm(q, x);
}

bool is_separable_blur(const op_ptr& A) {
  return is<separable_operator>(A) && A->name() == "blur" && A->domain() == A->range();
}
bool is_invariant(const op_ptr& A) {
  return A->properties().convolution_bank || is<convolution_operator>(A) || is<gradient>(A) ||
         is<laplacian>(A) || is<hessian>(A) || is<ray_transform>(A) || is_separable_blur(A);
}
bool is_multiple(const op_ptr& A) {
  return A->parts().size() == 1 && A->name().ends_with(" times");
}
bool is_diagonal(const op_ptr& A) {
  return A->properties().diagonal && A->domain() == A->range() && A->domain().blocks().size() == 1;
}
bool is_near(const op_ptr& A) {
  if (!A || is<identity>(A) || is_invariant(A) || is_diagonal(A)) return true;
  const std::string name = A->name();
  const bool known = name == "product" || name == "stack" || name == "sum" || is_multiple(A);
  return known && std::ranges::all_of(A->parts(), is_near);
}

// An operator that commutes with shifts, but for the border, and is like A in the mean.
op_ptr invariant(queue& q, const op_ptr& A, precision type) {
  if (is<identity>(A) || is_invariant(A)) return A;
  if (is_diagonal(A)) return scale(mean_gain(q, *A, type), std::make_shared<identity>(A->domain()));
  std::vector<op_ptr> parts;
  for (const op_ptr& part : A->parts()) parts.push_back(invariant(q, part, type));
  if (std::ranges::equal(parts, A->parts())) return A;
  if (A->name() == "stack") return stack(parts);
  if (A->name() == "sum") return sum(parts);
  if (is_multiple(A)) {
    const double of_part = mean_gain(q, *A->parts()[0], type);
    return scale(of_part > 0 ? mean_gain(q, *A, type) / of_part : 0, parts[0]);
  }
  op_ptr chain = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) chain = compose(chain, parts[i]);
  return chain;
}

double mean_of(queue& q, cvec w) {
  owned_vec one(q, w.in(), w.type());
  fill(q, 1, one);
  return inner_product().dot(q, w, one) / static_cast<double>(real_count(w.in()));
}

struct point_response {
  std::vector<double> values;  // to a point in the middle of an image of zeros
  bool circular = true;
};

// Of sum_i w_i mean(D_i) B_i^H B_i, B_i near A_i.
point_response response_of(queue& q, const space& domain, precision type,
                           const std::vector<term>& quadratics) {
  const shape image = image_of(domain);
  index_t middle = 0;
  for (const index_t n : image.extents()) middle = middle * n + n / 2;
  owned_vec point(q, domain, type), all(q, domain, type), one(q, domain, type);
  const double height = 1;
  const auto image_at = [&](vec v, index_t offset, shape n) {
    return ref(static_cast<std::byte*>(v.data()) + offset * size_of(real_type(type)),
               real_type(type), n, q.where());
  };
  copy(q, cref(&height, dtype::f64, shape{1}, device{}), image_at(point, middle, shape{1}));
  point_response out;
  for (const term& t : quadratics) {
    const quadratic_form form = *t.f->quadratic();
    const double weight = t.weight * form.weight * (form.diagonal ? mean_of(q, *form.diagonal) : 1);
    const op_ptr B = t.A ? invariant(q, t.A, type) : std::make_shared<identity>(domain);
    out.circular = out.circular && !form.diagonal &&
                   (!t.A || is<identity>(t.A) || (B == t.A && B->properties().convolution_bank));
    B->normal(q, point, one);
    axpby(q, weight, one, 1, all);
  }
  out.values.resize(static_cast<std::size_t>(image.count()));
  copy(q, image_at(all, 0, image), ref(out.values.data(), dtype::f64, image));
  q.synchronize();
  return out;
}

// Times 1 - 2 |k| / n for the lag k along every axis.
void taper(const shape& image, std::vector<double>& values) {
  const auto n = image.extents();
  for (index_t i = 0; i < image.count(); ++i) {
    index_t rest = i;
    for (int axis = image.rank() - 1; axis >= 0; --axis) {
      const index_t extent = n[static_cast<std::size_t>(axis)];
      const auto lag = static_cast<double>(std::abs(rest % extent - extent / 2));
      values[static_cast<std::size_t>(i)] *=
          std::max(0.0, 1 - 2 * lag / static_cast<double>(extent));
      rest /= extent;
    }
  }
}

// Moduli of the spectrum: the place of the point does not matter, and the symbol is not negative.
std::vector<double> symbol_of(const shape& image, std::vector<double> values) {
  queue host;
  const shape waves = half(image);
  std::vector<std::complex<double>> spectrum(static_cast<std::size_t>(waves.count()));
  fft_plan::get(contiguous_fft(fft_kind::r2c, precision::f64, image), device{})
      ->consume(host, ref(values.data(), dtype::f64, image),
                ref(spectrum.data(), dtype::c128, waves));
  std::vector<double> symbol(spectrum.size());
  std::transform(spectrum.begin(), spectrum.end(), symbol.begin(),
                 [](std::complex<double> s) { return std::abs(s); });
  return symbol;
}

class inverse_circulant final : public linear_operator {
 public:
  inverse_circulant(circulant C, const space& domain)
      : linear_operator(domain, domain, {.self_adjoint = true, .positive = true}),
        C_(std::move(C)) {}

 private:
  void do_apply(queue& q, cvec x, vec y, mode how) const override {
    if (how == mode::set) return C_.divide(q, 0, nullptr, x, y);
    const scratch_vec one(q, domain(), x.type());
    C_.divide(q, 0, nullptr, x, one);
    axpby(q, 1, one, 1, y);
  }
  void do_adjoint(queue& q, cvec y, vec x, mode how) const override { do_apply(q, y, x, how); }
  index_t do_scratch(precision p) const override { return 3 * scratch_bytes_of(domain(), p); }
  std::string do_name() const override { return "inverse circulant"; }

  circulant C_;
};

bool is_image(const space& domain) {
  const space::block& b = domain.blocks()[0];
  return domain.blocks().size() == 1 && b.of == field::real && b.spatial > 0;
}

}  // namespace

bool circulant::fits(const space& domain, const std::vector<term>& quadratics) {
  const auto plain = [](const term& t) { return !t.A || is<identity>(t.A) || is_diagonal(t.A); };
  return is_image(domain) && std::ranges::all_of(quadratics, is_near, &term::A) &&
         !std::ranges::all_of(quadratics, plain);
}

circulant::circulant(queue& q, const space& domain, precision type,
                     const std::vector<double>& symbol, bool exact)
    : domain_(domain),
      waves_(half(image_of(domain))),
      exact_(exact),
      most_(*std::max_element(symbol.begin(), symbol.end())),
      symbol_(q, waves_, type) {
  copy(q, cref(symbol.data(), dtype::f64, waves_.extents()), vec(symbol_).block());
  q.synchronize();
}

std::optional<circulant> circulant::near(queue& q, const space& domain, precision type,
                                         const std::vector<term>& quadratics) {
  if (!is_image(domain) || !std::ranges::all_of(quadratics, is_near, &term::A)) return {};
  point_response point = response_of(q, domain, type, quadratics);
  const shape image = image_of(domain);
  if (!point.circular) taper(image, point.values);
  return circulant(q, domain, type, symbol_of(image, std::move(point.values)), point.circular);
}

void circulant::divide(queue& q, double rho, const circulant* K, cvec right, vec x) const {
  constexpr double least = 1e-6;
  const bool all_exact = exact_ && (K == nullptr || K->exact_);
  const double floor = all_exact ? 0 : least * (most_ + (K != nullptr ? rho * K->most_ : 0));
  const shape image = image_of(domain_);
  const int rank = image.rank();
  const index_t images = domain_.extents().count() / image.count(), n = waves_.extents().count();
  const scratch spectrum(q, images * n * 2 * size_of(real_type(x.type())));
  const ref all(spectrum.data(), complex_type(x.type()), shape{images * n}, q.where());
  const auto plan = [&](fft_kind what) {
    return fft_plan::get(contiguous_fft(what, x.type(), domain_.extents(), rank), q.where());
  };
  plan(fft_kind::r2c)->run(q, right.block(), all);
  with_real(x.type(), [&]<class T>() {
    const auto values = [](const circulant& c) {
      return static_cast<const T*>(cvec(c.symbol_).data());
    };
    parallel_for(q, {images, n},
                 kernel::divide_by_symbols<T>{{static_cast<T*>(spectrum.data()), {images, n, 2}},
                                              values(*this),
                                              K != nullptr ? values(*K) : nullptr,
                                              T(rho),
                                              T(floor),
                                              T(image.count())});
  });
  plan(fft_kind::c2r)->consume(q, all, x.block());
}

op_ptr inverse_of(circulant C) {
  const space domain = C.domain();
  return std::make_shared<inverse_circulant>(std::move(C), domain);
}

}  // namespace ir
