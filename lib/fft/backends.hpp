#pragma once
#include <memory>

#include "fft/plan.hpp"

namespace ir::detail {

/// What fft_plan::get asks for a plan that is not cached; never called from two threads at once.
std::shared_ptr<const fft_plan> plan_fftw(const fft_spec&);
std::shared_ptr<const fft_plan> plan_cufft(const fft_spec&, device);

}  // namespace ir::detail
