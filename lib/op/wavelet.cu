#include "core/launch.cuh"
#include "op/wavelet_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[3], const kernel::wavelet_analysis<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::wavelet_analysis<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::wavelet_synthesis<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::wavelet_synthesis<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::periodic_filter<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::periodic_filter<double>&);

}  // namespace ir::cuda
