#include "core/convert_kernel.hpp"
#include "core/launch.cuh"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[1], const kernel::convert&);

}  // namespace ir::cuda
