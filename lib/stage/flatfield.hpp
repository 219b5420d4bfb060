#pragma once
#include <memory>

#include "stage/stage.hpp"
#include "tomo/flatfield.hpp"

namespace ir {

struct flatfield_stage_options {
  flatfield_options correct;
  combined_image::how combine = combined_image::how::mean;
  bool no_dark = false;  // the dark is 0
};

/// Transmission or absorption of a scan (tomo/flatfield.hpp): darks and flats are combined as they
/// come and consumed; data come in any real type and leave in f32 (f64 in double precision) without
/// `nominal`; angles and other arrays pass unchanged.
///
/// References are images of lines (v, u), or one line (u); each line of data has the axis u and
/// finds its line by the axis v, in the frame or across frames: projections (v, u), sinograms
/// (angle, u), volumes. Parts, in flat memory.
/// data_error: no flats or darks, other extents or geometry than the data's, complex data.
std::unique_ptr<stage> make_flatfield(const flatfield_stage_options&);

}  // namespace ir
