#include "core/launch.cuh"
#include "denoise/gaussian_smoothing_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[3], const kernel::symmetric_line<float, 0>&);
template void launch(queue&, const index_t (&)[3], const kernel::symmetric_line<float, 1>&);
template void launch(queue&, const index_t (&)[3], const kernel::symmetric_line<float, 2>&);
template void launch(queue&, const index_t (&)[3], const kernel::symmetric_line<double, 0>&);
template void launch(queue&, const index_t (&)[3], const kernel::symmetric_line<double, 1>&);
template void launch(queue&, const index_t (&)[3], const kernel::symmetric_line<double, 2>&);
template void launch(queue&, const index_t (&)[1], const kernel::valid_values<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::valid_values<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::divide_by_weight<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::divide_by_weight<double>&);

}  // namespace ir::cuda
