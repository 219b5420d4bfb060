#include "fn/l1.hpp"

#include "fn/registry.hpp"

namespace ir {

l1::l1(const space& in, double weight)
    : pointwise(detail::weighted_name("l1", weight), in,
                {.prox = offer::exact, .diagonal_step = true, .conjugate = true}),
      weight_(weight) {
  detail::require_real(in, "l1");
}

fn_ptr l1::do_times(double factor) const {
  return std::make_shared<l1>(domain(), factor * weight_);
}

namespace {

const registered<fn_entry> entry{
    {"l1", "sum of |x_i|: few non-zero values", {}, [](auto) -> term_spec {
       return {1, functional_of(
                      [](const space& x, precision, queue&) { return std::make_shared<l1>(x); })};
     }}};

}  // namespace
}  // namespace ir
