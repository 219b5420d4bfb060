#include "core/blas1_kernel.hpp"
#include "core/launch.cuh"

namespace ir::cuda {

template void launch(queue&, const index_t (&)[1], const kernel::fill<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::fill<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::fill_complex<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::fill_complex<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::scale<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::scale<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::multiply<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::multiply<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::scaled_copy<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::scaled_copy<double>&);
template void launch(queue&, const index_t (&)[1], const kernel::axpby<float>&);
template void launch(queue&, const index_t (&)[1], const kernel::axpby<double>&);

template double sum(queue&, index_t, const kernel::dot<float>&);
template double sum(queue&, index_t, const kernel::dot<double>&);
template double sum(queue&, index_t, const kernel::axpby_square<float>&);
template double sum(queue&, index_t, const kernel::axpby_square<double>&);
template double sum(queue&, index_t, const kernel::descend_square<float>&);
template double sum(queue&, index_t, const kernel::descend_square<double>&);

}  // namespace ir::cuda
