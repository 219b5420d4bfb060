#include "core/launch.cuh"
#include "op/diagonal_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[2], const kernel::diagonal_real<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::diagonal_real<double>&);
template void launch(queue&, const index_t (&)[2], const kernel::diagonal_complex<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::diagonal_complex<double>&);
template void launch(queue&, const index_t (&)[2], const kernel::pick<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::pick<double>&);
template void launch(queue&, const index_t (&)[2], const kernel::unpick<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::unpick<double>&);

}  // namespace ir::cuda
