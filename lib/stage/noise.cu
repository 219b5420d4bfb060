#include "core/launch.cuh"
#include "stage/noise_kernel.hpp"

namespace ir::cuda {

template double sum(queue&, index_t, const kernel::not_finite<float>&);
template double sum(queue&, index_t, const kernel::not_finite<double>&);
template double sum(queue&, index_t, const kernel::is_negative<float>&);
template double sum(queue&, index_t, const kernel::is_negative<double>&);

}  // namespace ir::cuda
