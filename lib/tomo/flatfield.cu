#include "core/launch.cuh"
#include "tomo/flatfield_kernel.hpp"

namespace ir::cuda {

template double sum(queue&, index_t, const kernel::flatfield_part<float, float>&);
template double sum(queue&, index_t, const kernel::flatfield_part<double, double>&);

}  // namespace ir::cuda
