#pragma once
#include <vector>

#include "stage/fbp.hpp"
#include "stage/scan_layout.hpp"
#include "tomo/parallel_geometry.hpp"

namespace ir {

/// What is reconstructed of a scan: pure, from header and options.
struct fbp_job {
  scan_layout scan;
  /// angles: as many as there are views, spread evenly; a centre to be found: the middle
  parallel_geometry geometry;
  index_range rows;  ///< of v, one for each slice
};

/// usage_error: a range beyond the data, a size or centre that cannot be. Errors of scan_of.
fbp_job plan_fbp(const stream_header&, const fbp_stage_options&);

/// Header of the slices.
stream_header slices_of(const stream_header&, const fbp_job&, const fbp_stage_options&, precision);

/// Radians. data_error naming the view: angles neither rise nor fall, unless `any_order`.
std::vector<double> radians_of(const std::vector<double>& degrees, bool any_order);

}  // namespace ir
