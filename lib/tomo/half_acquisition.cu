#include "core/launch.cuh"
#include "tomo/half_acquisition_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[2], const kernel::complete_row<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::complete_row<double>&);

}  // namespace ir::cuda
