#include "core/launch.cuh"
#include "fn/pointwise_kernel.hpp"
#include "fn/rules_kernel.hpp"

namespace ir::cuda {

using namespace kernel;

template void launch(queue&, const index_t (&)[1],
                     const pointwise_gradient<float, linear_rule<float>>&);
template void launch(queue&, const index_t (&)[1],
                     const pointwise_prox<float, linear_rule<float>>&);
template void launch(queue&, const index_t (&)[1],
                     const pointwise_prox_conjugate<float, linear_rule<float>>&);
template double sum(queue&, index_t, const pointwise_value<float, linear_rule<float>>&);
template double sum(queue&, index_t, const pointwise_conjugate<float, linear_rule<float>>&);
template void launch(queue&, const index_t (&)[1],
                     const pointwise_gradient<double, linear_rule<double>>&);
template void launch(queue&, const index_t (&)[1],
                     const pointwise_prox<double, linear_rule<double>>&);
template void launch(queue&, const index_t (&)[1],
                     const pointwise_prox_conjugate<double, linear_rule<double>>&);
template double sum(queue&, index_t, const pointwise_value<double, linear_rule<double>>&);
template double sum(queue&, index_t, const pointwise_conjugate<double, linear_rule<double>>&);

}  // namespace ir::cuda
