#include "fn/huber.hpp"

#include <fmt/format.h>

#include <cmath>

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

}  // namespace ir
