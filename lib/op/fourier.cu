#include "core/launch.cuh"
#include "op/fourier_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[2], const kernel::weigh_half<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::weigh_half<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::weigh_cosines<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::weigh_cosines<double>&);

}  // namespace ir::cuda
