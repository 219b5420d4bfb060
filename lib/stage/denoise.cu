#include "core/launch.cuh"
#include "stage/denoise_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[1], const kernel::silence<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::silence<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::blend<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::blend<double>&);

}  // namespace ir::cuda
