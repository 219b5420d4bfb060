#pragma once
#include "denoise/denoiser.hpp"
#include "denoise/nlm_tile.hpp"

namespace ir::detail {

/// Radii for an image of so many spatial axes; `patch` and `search` are widths.
nlm_reach nlm_reach_of(int spatial, index_t patch, index_t search);

/// Non-local means of planes `keep` of a slab on the CPU (nlm.hpp). strength: h / sigma.
void nlm_on_cpu(queue&, const noisy_image&, const nlm_reach&, double strength, plane_range keep,
                ref out);

/// What nlm_on_cpu takes for a slab of these extents, at the most: with mask and map.
index_t nlm_cpu_scratch(const shape& slab, dtype work, const nlm_reach&);

}  // namespace ir::detail
