#include "fft/column_levels.hpp"

namespace ir::detail {

template <>
const column_functions<double>* column_functions_in_use<double>() {
  return table_in_use<double>();
}

}  // namespace ir::detail
