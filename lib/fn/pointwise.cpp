#include "fn/pointwise.hpp"

#include <fmt/format.h>

#include <cmath>

namespace ir::detail {

void require_real(const space& in, const char* what) {
  for (const space::block& b : in.blocks())
    if (b.of == field::complex)
      throw usage_error(
          fmt::format("{} is a function of real elements, the space is {}", what, to_string(in)));
}

std::string weighted_name(const std::string& name, double weight) {
  if (!(weight > 0) || !std::isfinite(weight))
    throw usage_error(fmt::format("{} with weight {}: above 0 is expected", name, weight));
  return weight == 1 ? name : fmt::format("{:.6g} {}", weight, name);
}

}  // namespace ir::detail
