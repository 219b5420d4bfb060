#include "core/launch.cuh"
#include "op/kronecker_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[1], const kernel::copy_line<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::copy_line<double>&);

}  // namespace ir::cuda
