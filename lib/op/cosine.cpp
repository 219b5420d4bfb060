#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "op/fourier.hpp"
#include "op/fourier_kernel.hpp"
#include "op/registry.hpp"
#include "op/separable.hpp"

namespace ir {
namespace {

axis_matrix cosines(index_t n) {
  axis_matrix m;
  m.rows = m.columns = n;
  const auto size = static_cast<double>(n);
  for (index_t k = 0; k < n; ++k) {
    for (index_t j = 0; j < n; ++j) {
      m.column.push_back(j);
      m.weight.push_back(
          std::sqrt((k == 0 ? 1 : 2) / size) *
          std::cos(std::numbers::pi * static_cast<double>((2 * j + 1) * k % (4 * n)) / (2 * size)));
    }
    m.end_row();
  }
  return m;
}

// Factors of the spectrum along an axis before dct3 (`backward`), or after dct2.
template <class T>
kernel::weigh_cosines<T> weights(const image_layout& n, bool backward, cref from, ref to,
                                 mode how) {
  kernel::weigh_cosines<T> w{{static_cast<const T*>(from.data), {n.planes(), n.ny, n.nx}},
                             {static_cast<T*>(to.data), {n.planes(), n.ny, n.nx}},
                             n.nz,
                             {1, 1, 1},
                             {1, 1, 1},
                             how};
  for (int a = 0; a < 3; ++a) {
    const auto size = static_cast<double>(n.extent(a));
    w.first[a] = T(backward ? std::sqrt(1 / size) : std::sqrt(1 / (4 * size)));
    w.other[a] = T(std::sqrt(1 / (2 * size)));
  }
  return w;
}

}  // namespace

cosine_transform::cosine_transform(queue& q, const space& domain, precision p)
    : linear_operator(domain, domain, {.unitary = true}, placement{p, q.where()}),
      n_(layout_of(domain, "a cosine transform")) {
  const shape& n = domain.extents();
  if (q.where().kind == device::cuda) {
    std::vector<separable_operator::factor> all;
    for (int a = n.rank() - n_.spatial; a < n.rank(); ++a) all.push_back({a, cosines(n[a])});
    matrices_ = std::make_shared<separable_operator>(q, domain, all, p, "dct");
    return;
  }
  // Over three axes always: those that the domain lacks have one element.
  const shape four{n_.images, n_.nz, n_.ny, n_.nx};
  forward_ = fft_plan::get(contiguous_fft(fft_kind::dct2, p, four, 3), q.where());
  backward_ = fft_plan::get(contiguous_fft(fft_kind::dct3, p, four, 3), q.where());
}

void cosine_transform::do_apply(queue& q, cvec x, vec y, mode how) const {
  if (matrices_) return matrices_->apply(q, x, y, how);
  with_real(x.type(), [&]<class T>() {
    const index_t n[] = {n_.planes(), n_.ny, n_.nx};
    const scratch_vec t(q, range(), x.type());
    const ref spectrum = vec(t).block();
    forward_->run(q, x.block(), spectrum);
    parallel_for(q, n, weights<T>(n_, false, spectrum, y.block(), how));
  });
}

void cosine_transform::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  if (matrices_) return matrices_->adjoint(q, y, x, how);
  with_real(x.type(), [&]<class T>() {
    const index_t n[] = {n_.planes(), n_.ny, n_.nx};
    const scratch_vec t(q, range(), x.type());
    const ref spectrum = vec(t).block();
    parallel_for(q, n, weights<T>(n_, true, y.block(), spectrum, mode::set));
    if (how == mode::set) return backward_->run(q, spectrum, x.block());
    const scratch_vec image(q, domain(), x.type());
    backward_->run(q, spectrum, vec(image).block());
    axpby(q, 1, image, 1, x);
  });
}

index_t cosine_transform::do_scratch(precision p) const {
  if (matrices_) return matrices_->scratch_bytes(p);
  return 2 * scratch_bytes_of(domain(), p) +
         std::max(forward_->scratch_bytes(), backward_->scratch_bytes());
}

namespace {

struct cosine_spec final : op_spec {
  space do_range(const space& x) const override {
    layout_of(x, "a cosine transform");
    return x;
  }
  std::optional<space> do_domain(const space& y) const override { return y; }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return std::make_shared<cosine_transform>(q, x, p);
  }
};

const registered<op_entry> entry{
    {"dct", "orthonormal cosine transform (DCT-II) over the spatial axes", {}, [](auto) {
       return std::make_shared<cosine_spec>();
     }}};

}  // namespace
}  // namespace ir
