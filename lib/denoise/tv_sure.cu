#include "core/launch.cuh"
#include "denoise/tv_sure_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[1], const kernel::shake<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::shake<double>&);
template double sum(queue&, index_t, const kernel::shaken_dot<float>&);
template double sum(queue&, index_t, const kernel::shaken_dot<double>&);

}  // namespace ir::cuda
