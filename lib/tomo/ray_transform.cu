#include "core/launch.cuh"
#include "tomo/ray_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[3], const kernel::lay_rows<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::lay_rows<double>&);
template void launch(queue&, const index_t (&)[2], const kernel::project_rays<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::project_rays<double>&);
template void launch(queue&, const index_t (&)[2], const kernel::backproject_rays<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::backproject_rays<double>&);

}  // namespace ir::cuda
