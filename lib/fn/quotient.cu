#include "core/launch.cuh"
#include "fn/quotient_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[1], const kernel::reciprocal<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::reciprocal<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::divide_into<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::divide_into<double>&);

}  // namespace ir::cuda
