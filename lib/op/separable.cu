#include "core/launch.cuh"
#include "op/separable_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[3], const kernel::rows_along_axis<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::rows_along_axis<double>&);
template void launch(queue&, const index_t (&)[2], const kernel::rows_along_lines<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::rows_along_lines<double>&);

}  // namespace ir::cuda
