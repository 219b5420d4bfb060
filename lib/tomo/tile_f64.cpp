#include "tomo/tile_levels.hpp"

namespace ir::detail {

template <>
const tile_functions<double>* tile_functions_in_use<double>() {
  return tiles_in_use<double>();
}

}  // namespace ir::detail
