#include "core/launch.cuh"
#include "op/matrix_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[1], const kernel::dense_row<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::dense_row<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::sparse_row<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::sparse_row<double>&);

}  // namespace ir::cuda
