#include "core/launch.cuh"
#include "fn/ball_kernel.hpp"

namespace ir::cuda {

template double sum(queue&, index_t, const kernel::above_threshold<float>&);
template double sum(queue&, index_t, const kernel::above_threshold<double>&);
template double sum(queue&, index_t, const kernel::count_above<float>&);
template double sum(queue&, index_t, const kernel::count_above<double>&);

}  // namespace ir::cuda
