#include "core/launch.cuh"
#include "deconv/richardson_lucy_kernel.hpp"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[1], const kernel::start_flat<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::start_flat<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::invert_above<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::invert_above<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::multiplicative_update<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::multiplicative_update<double>&);
template void launch(queue&, const index_t (&)[1],
                     const kernel::start_at_data<float, std::uint8_t>&);
template void launch(queue&, const index_t (&)[1],
                     const kernel::start_at_data<float, std::uint16_t>&);
template void launch(queue&, const index_t (&)[1], const kernel::start_at_data<float, float>&);
template void launch(queue&, const index_t (&)[1],
                     const kernel::start_at_data<double, std::uint8_t>&);
template void launch(queue&, const index_t (&)[1],
                     const kernel::start_at_data<double, std::uint16_t>&);
template void launch(queue&, const index_t (&)[1], const kernel::start_at_data<double, double>&);
template void launch(queue&, const index_t (&)[1],
                     const kernel::poisson_ratio<float, std::uint8_t>&);
template void launch(queue&, const index_t (&)[1],
                     const kernel::poisson_ratio<float, std::uint16_t>&);
template void launch(queue&, const index_t (&)[1], const kernel::poisson_ratio<float, float>&);
template void launch(queue&, const index_t (&)[1],
                     const kernel::poisson_ratio<double, std::uint8_t>&);
template void launch(queue&, const index_t (&)[1],
                     const kernel::poisson_ratio<double, std::uint16_t>&);
template void launch(queue&, const index_t (&)[1], const kernel::poisson_ratio<double, double>&);

template double sum(queue&, index_t, const kernel::divergence_term<float, std::uint8_t>&);
template double sum(queue&, index_t, const kernel::divergence_term<float, std::uint16_t>&);
template double sum(queue&, index_t, const kernel::divergence_term<float, float>&);
template double sum(queue&, index_t, const kernel::divergence_term<double, std::uint8_t>&);
template double sum(queue&, index_t, const kernel::divergence_term<double, std::uint16_t>&);
template double sum(queue&, index_t, const kernel::divergence_term<double, double>&);
template double sum(queue&, index_t, const kernel::positive_part<std::uint8_t>&);
template double sum(queue&, index_t, const kernel::positive_part<std::uint16_t>&);
template double sum(queue&, index_t, const kernel::positive_part<float>&);
template double sum(queue&, index_t, const kernel::positive_part<double>&);

}  // namespace ir::cuda
