#include "core/launch.cuh"
#include "denoise/median_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[3], const kernel::median_by_bits<std::uint8_t>&);
template void launch(queue&, const index_t (&)[3], const kernel::median_by_bits<std::uint16_t>&);
template void launch(queue&, const index_t (&)[3], const kernel::median_by_bits<float>&);
template void launch(queue&, const index_t (&)[3], const kernel::median_by_bits<double>&);

}  // namespace ir::cuda
