#include "tomo/ray_levels.hpp"

namespace ir::detail {

template <>
const ray_functions<double>* ray_functions_in_use<double>() {
  return rays_in_use<double>();
}

}  // namespace ir::detail
