#include "fn/tv_levels.hpp"

namespace ir::detail {

template <>
const tv_functions<double>& tv_functions_in_use<double>() {
  return tv_table_in_use<double>();
}

}  // namespace ir::detail
