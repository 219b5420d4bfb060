#include "fn/tv_levels.hpp"

namespace ir::detail {

template <>
const tv_functions<float>& tv_functions_in_use<float>() {
  return tv_table_in_use<float>();
}

}  // namespace ir::detail
