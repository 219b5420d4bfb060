#include "core/launch.cuh"
#include "solver/circulant_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[2], const kernel::divide_by_symbols<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::divide_by_symbols<double>&);

}  // namespace ir::cuda
