#include "core/launch.cuh"
#include "fn/group_kernel.hpp"

namespace ir::cuda {

using namespace kernel;

template void launch(queue&, const index_t (&)[1], const group_shrink<float, 0>&);
template void launch(queue&, const index_t (&)[1], const group_project<float, 0>&);
template double sum(queue&, index_t, const group_norm<float, 0>&);
template double sum(queue&, index_t, const group_excess<float, 0>&);
template void launch(queue&, const index_t (&)[1], const group_shrink<float, 1>&);
template void launch(queue&, const index_t (&)[1], const group_project<float, 1>&);
template double sum(queue&, index_t, const group_norm<float, 1>&);
template double sum(queue&, index_t, const group_excess<float, 1>&);
template void launch(queue&, const index_t (&)[1], const group_shrink<float, 2>&);
template void launch(queue&, const index_t (&)[1], const group_project<float, 2>&);
template double sum(queue&, index_t, const group_norm<float, 2>&);
template double sum(queue&, index_t, const group_excess<float, 2>&);
template void launch(queue&, const index_t (&)[1], const group_shrink<float, 3>&);
template void launch(queue&, const index_t (&)[1], const group_project<float, 3>&);
template double sum(queue&, index_t, const group_norm<float, 3>&);
template double sum(queue&, index_t, const group_excess<float, 3>&);
template void launch(queue&, const index_t (&)[1], const group_shrink<double, 0>&);
template void launch(queue&, const index_t (&)[1], const group_project<double, 0>&);
template double sum(queue&, index_t, const group_norm<double, 0>&);
template double sum(queue&, index_t, const group_excess<double, 0>&);
template void launch(queue&, const index_t (&)[1], const group_shrink<double, 1>&);
template void launch(queue&, const index_t (&)[1], const group_project<double, 1>&);
template double sum(queue&, index_t, const group_norm<double, 1>&);
template double sum(queue&, index_t, const group_excess<double, 1>&);
template void launch(queue&, const index_t (&)[1], const group_shrink<double, 2>&);
template void launch(queue&, const index_t (&)[1], const group_project<double, 2>&);
template double sum(queue&, index_t, const group_norm<double, 2>&);
template double sum(queue&, index_t, const group_excess<double, 2>&);
template void launch(queue&, const index_t (&)[1], const group_shrink<double, 3>&);
template void launch(queue&, const index_t (&)[1], const group_project<double, 3>&);
template double sum(queue&, index_t, const group_norm<double, 3>&);
template double sum(queue&, index_t, const group_excess<double, 3>&);

}  // namespace ir::cuda
