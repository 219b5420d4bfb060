#pragma once
#include "stage/fbp_job.hpp"

namespace ir {

/// Slices that are worked on together, and the memory that they take.
struct batch_layout {
  index_t slices = 1, host_bytes = 0, device_bytes = 0;
};
/// As many as lie side by side (tomo/fbp.hpp), fewer where they do not fit into half the memory; of
/// the input's header. memory_error: not even one fits into all of it.
batch_layout batch_for(const stream_header&, const fbp_job&, const resources&, device);

/// The slices of a scan, batch by batch: from the regions of the source, or from its frames where
/// it has none, one sinogram after the other.
std::unique_ptr<frame_source> open_slices(std::unique_ptr<frame_source>, const fbp_stage_options&,
                                          const stage_plan&, fbp_job);

}  // namespace ir
