#include "core/launch.cuh"
#include "fn/tv_plain_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[3], const kernel::tv_iteration<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::tv_iteration<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::tv_result<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::tv_result<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::tv_offset<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::tv_offset<double>&);
template double sum(queue&, index_t, const kernel::tv_variation<float>&);
template double sum(queue&, index_t, const kernel::tv_variation<double>&);
template double sum(queue&, index_t, const kernel::tv_misfit<float>&);
template double sum(queue&, index_t, const kernel::tv_misfit<double>&);
template double sum(queue&, index_t, const kernel::tv_valid_value<float>&);
template double sum(queue&, index_t, const kernel::tv_valid_value<double>&);
template double sum(queue&, index_t, const kernel::tv_valid_count&);

}  // namespace ir::cuda
