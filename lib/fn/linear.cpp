#include "fn/linear.hpp"

#include "core/blas1.hpp"

namespace ir {
namespace {

std::shared_ptr<const owned_vec> copy_of(queue& q, cvec x) {
  auto v = std::make_shared<owned_vec>(q, x.in(), x.type());
  copy(q, x, *v);
  return v;
}

placement place_of(cvec x) { return {x.type(), x.where()}; }

}  // namespace

linear_functional::linear_functional(queue& q, cvec c, double weight)
    : linear_functional(copy_of(q, c), weight) {}

linear_functional::linear_functional(std::shared_ptr<const owned_vec> c, double weight)
    : pointwise(detail::weighted_name("linear", weight), cvec(*c).in(),
                {.gradient = true,
                 .prox = offer::exact,
                 .diagonal_step = true,
                 .conjugate = true,
                 .lipschitz = bound{0, 0, "linear"}},
                place_of(*c)),
      c_(std::move(c)),
      weight_(weight) {}

fn_ptr linear_functional::do_times(double factor) const {
  return fn_ptr(new linear_functional(c_, factor * weight_));
}

}  // namespace ir
