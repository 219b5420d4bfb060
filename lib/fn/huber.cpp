#include "fn/huber.hpp"

#include <fmt/format.h>

#include <cmath>

#include "fn/registry.hpp"

namespace ir {

huber::huber(const space& in, double delta, double weight)
    : pointwise(detail::weighted_name(fmt::format("huber({:.6g})", delta), weight), in,
                {.gradient = true,
                 .prox = offer::exact,
                 .diagonal_step = true,
                 .conjugate = true,
                 .lipschitz = bound{weight / delta, weight / delta, "weight / delta"}}),
      delta_(delta),
      weight_(weight) {
  detail::require_real(in, "huber");
  if (!(delta > 0) || !std::isfinite(delta))
    throw usage_error(fmt::format("huber with delta {}: above 0 is expected", delta));
}

fn_ptr huber::do_times(double factor) const {
  return std::make_shared<huber>(domain(), delta_, factor * weight_);
}

namespace {

const registered<fn_entry> entry{
    {"huber",
     "l1 with a rounded corner: x_i^2 / (2 delta) where |x_i| <= delta, else |x_i| - delta / 2",
     {{"delta", argument_kind::number, "where the parabola ends, in units of x, > 0"}},
     [](auto a) -> term_spec {
       return {1, functional_of([delta = number(a[0])](const space& x, precision, queue&) {
                 return std::make_shared<huber>(x, delta);
               })};
     }}};

}  // namespace
}  // namespace ir
