#pragma once
#include <memory>
#include <optional>

#include "stage/convolve.hpp"
#include "stage/psf_input.hpp"

namespace ir {

/// How volumes too large for the memory are cut along their slowest axis: `count` slabs of
/// `thickness` (the last one thinner), each computed from `before` + thickness + `after` planes.
struct slab_layout {
  volume_layout volumes;
  index_t thickness, before, after, count, bytes;
  convolution_geometry
      geometry;  // of planes of a slab; what the PSF reaches at its ends is cut off
  index_t halo() const { return before > after ? before : after; }
};

/// The thickest slabs that fit `budget` bytes on the host. memory_error: not even one plane does.
slab_layout plan_slabs(const array_info& data, const volume_layout&, const shape& psf, boundary,
                       precision, index_t budget);

/// Convolved frames in parts, slab by slab from the input's regions; other arrays first.
std::unique_ptr<frame_source> convolve_in_slabs(std::unique_ptr<frame_source>, const stage_plan&,
                                                std::optional<psf_array>, const slab_layout&,
                                                const convolve_options&);

}  // namespace ir
