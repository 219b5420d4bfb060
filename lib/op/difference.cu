#include "core/launch.cuh"
#include "op/difference_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[3], const kernel::gradient_forward<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::gradient_forward<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::gradient_adjoint<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::gradient_adjoint<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::laplacian<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::laplacian<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::hessian_forward<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::hessian_forward<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::hessian_adjoint<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::hessian_adjoint<double>&);

}  // namespace ir::cuda
