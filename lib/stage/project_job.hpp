#pragma once
#include "stage/project.hpp"
#include "tomo/parallel_geometry.hpp"

namespace ir {

/// What is projected, and what it becomes: pure, from header and options.
struct project_job {
  parallel_geometry geometry;
  index_t slices_a_frame = 1;     ///< (y, x) within a frame of the input
  std::optional<index_t> frames;  ///< of the input
  stream_header out;              ///< array 0: the angles, array 1: the data
};

/// The errors of make_project.
project_job plan_projection(const stream_header&, const project_options&, precision);

/// Pixel (0, 0) .. of a phantom's slice as frames of it would come.
stream_header phantom_slice(const shape& size, precision);

}  // namespace ir
