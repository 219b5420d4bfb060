#include "tomo/ray_levels.hpp"

namespace ir::detail {

template <>
const ray_functions<float>* ray_functions_in_use<float>() {
  return rays_in_use<float>();
}

}  // namespace ir::detail
