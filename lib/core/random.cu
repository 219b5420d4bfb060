#include "core/launch.cuh"
#include "core/random_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[1], const kernel::random_uniform<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::random_uniform<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::add_gaussian<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::add_gaussian<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::poisson_of<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::poisson_of<double>&);

}  // namespace ir::cuda
