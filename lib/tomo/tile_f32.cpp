#include "tomo/tile_levels.hpp"

namespace ir::detail {

template <>
const tile_functions<float>* tile_functions_in_use<float>() {
  return tiles_in_use<float>();
}

}  // namespace ir::detail
