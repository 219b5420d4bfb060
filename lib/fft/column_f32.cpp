#include "fft/column_levels.hpp"

namespace ir::detail {

template <>
const column_functions<float>* column_functions_in_use<float>() {
  return table_in_use<float>();
}

}  // namespace ir::detail
