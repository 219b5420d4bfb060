#include "core/error.hpp"
#include "tomo/fbp_engine.hpp"

namespace ir::detail {

std::unique_ptr<const fbp::engine> cuda_fbp(queue&, const parallel_geometry&, const ramp_options&,
                                            precision) {
  throw device_error("filtered backprojection runs on the CPU");
}

}  // namespace ir::detail
