#include "deconv/wiener.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace ir {

std::shared_ptr<const convolution> wiener_filter(queue& q, const shape& extents, cref psf,
                                                 boundary rule, psf_sum sum, double balance,
                                                 precision p) {
  if (!(balance >= 0))
    throw usage_error(
        fmt::format("a Wiener filter with balance {:g}: it must not be below 0", balance));
  return convolution::make(
      q, plan_convolution(extents, psf.extents, rule, grid_use::invert, q.where()), p, psf, sum,
      {.wiener_balance = balance});
}

}  // namespace ir
