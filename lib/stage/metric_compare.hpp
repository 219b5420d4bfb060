#pragma once
#include <array>
#include <vector>

#include "io/source.hpp"
#include "stage/metric.hpp"
#include "stage/stage.hpp"

namespace ir {

struct compare_options {
  metric_scale scale = metric_scale::none;
  bool each_frame = false;     // one result a frame, else one of all
  std::optional<double> peak;  // for PSNR; absent: nominal range of the reference, else max - min
  index_t border = 0;          // pixels left out at each end of every spatial axis
};

/// Every metric, in the order of metrics().
struct comparison {
  double factor = 1;  // x was multiplied by it
  metric_peak peak;
  index_t frames = 0, pixels = 0;
  std::vector<metric_value> values;
};

/// What comparing takes: parts of both streams, in order; regions of both where the factor has to
/// be found first. On the CPU: reading takes longer than the sums.
stage_plan plan_comparison(const stream_header& x, const stream_header& reference,
                           const compare_options&, const resources&);

/// Compares x with the reference; throws as frame_pairs does. data_error: no frames.
std::vector<comparison> compare(frame_source& x, frame_source& reference, const compare_options&,
                                std::optional<int> rank, queue&);

}  // namespace ir
