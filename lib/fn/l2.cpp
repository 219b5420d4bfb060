#include "fn/l2.hpp"

#include <limits>

#include "core/blas1.hpp"
#include "fn/pointwise.hpp"
#include "fn/registry.hpp"

namespace ir {

l2::l2(const space& in, double weight)
    : functional(detail::weighted_name("l2", weight), in,
                 {.prox = offer::exact, .conjugate = true}),
      weight_(weight) {}

double l2::do_value(queue& q, cvec x) const { return weight_ * inner_product().norm(q, x); }

double l2::do_conjugate(queue& q, cvec y) const {
  const double norm = inner_product().norm(q, y);
  const double rounding = y.type() == precision::f32 ? 3e-5 : 1e-13;
  return norm > weight_ * (1 + rounding) ? std::numeric_limits<double>::infinity() : 0 * norm;
}

void l2::do_prox(queue& q, cvec x, const step& s, vec out) const {
  const double norm = inner_product().norm(q, x), t = s.value * weight_;
  axpby(q, norm <= t ? 0 : 1 - t / norm, x, 0, out);
}

void l2::do_prox_conjugate(queue& q, cvec y, const step&, vec out) const {
  const double norm = inner_product().norm(q, y);
  axpby(q, norm <= weight_ ? 1 : weight_ / norm, y, 0, out);
}

fn_ptr l2::do_times(double factor) const {
  return std::make_shared<l2>(domain(), factor * weight_);
}

namespace {

const registered<fn_entry> entry{
    {"l2", "Euclidean norm ||x||, not squared", {}, [](auto) -> term_spec {
       return {1, functional_of(
                      [](const space& x, precision, queue&) { return std::make_shared<l2>(x); })};
     }}};

}  // namespace
}  // namespace ir
