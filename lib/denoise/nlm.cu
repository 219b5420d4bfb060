#include "core/launch.cuh"
#include "denoise/nlm_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[3], const kernel::nlm_pixel<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::nlm_pixel<double>&);

}  // namespace ir::cuda
