#include "core/launch.cuh"
#include "fft/extension_kernel.hpp"
#include "fft/spectrum_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[3], const kernel::extend<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::extend<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::fold<float, 0>&);
template void launch(queue&, const index_t (&)[3], const kernel::fold<float, 1>&);
template void launch(queue&, const index_t (&)[3], const kernel::fold<float, 2>&);
template void launch(queue&, const index_t (&)[3], const kernel::fold<double, 0>&);
template void launch(queue&, const index_t (&)[3], const kernel::fold<double, 1>&);
template void launch(queue&, const index_t (&)[3], const kernel::fold<double, 2>&);
template void launch(queue&, const index_t (&)[3], const kernel::crop<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::crop<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::multiply_spectrum<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::multiply_spectrum<double>&);
template void launch(queue&, const index_t (&)[3], const kernel::wiener_spectrum<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::wiener_spectrum<double>&);

}  // namespace ir::cuda
