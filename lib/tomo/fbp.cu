#include "core/launch.cuh"
#include "tomo/fbp_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[3], const kernel::pad_row<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::pad_row<double>&);
template void launch(queue&, const index_t (&)[2], const kernel::weigh_frequency<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::weigh_frequency<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::interleave_slices<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::interleave_slices<double>&);
template void launch(queue&, const index_t (&)[2], const kernel::backproject<float>&);
template void launch(queue&, const index_t (&)[2], const kernel::backproject<double>&);

}  // namespace ir::cuda
