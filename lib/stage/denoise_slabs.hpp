#pragma once
#include <memory>

#include "stage/image_denoiser.hpp"
#include "stage/stage.hpp"

namespace ir {

/// Images that do not fit the memory, `thickness` planes of the slowest spatial axis at a time, of
/// all channels, from the regions of `from`. data_error, numeric_error as image_denoiser.
std::unique_ptr<frame_source> denoised_by_slabs(std::unique_ptr<frame_source> from,
                                                const stage_plan&, const image_layout&,
                                                index_t thickness, image_denoiser);

}  // namespace ir
