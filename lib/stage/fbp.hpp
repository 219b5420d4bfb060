#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/cut.hpp"
#include "stage/stage.hpp"
#include "tomo/ramp_filter.hpp"

namespace ir {

struct fbp_stage_options {
  std::optional<double> center;  ///< zero-based pixel of u as it arrives; else it is found
  ramp_options filter;
  std::optional<range_spec> slices;  ///< rows of v as they arrive
  std::vector<index_t> size;         ///< of a slice: (y, x), or one for both; empty: as u
  std::vector<range_spec> roi;       ///< (y, x) of that slice; empty: all of it
  std::optional<double> pixel_size;  ///< of u as it arrives; else the stream's spacing
  std::string unit;                  ///< of pixel_size; empty: the stream's
  bool no_dark = false;              ///< the dark is 0
  bool any_order = false;            ///< angles need not go one way
};

/// Slices of a parallel-beam scan by filtered backprojection (tomo/fbp.hpp).
///
/// In: projections (angle, v, u), sinograms (v, angle, u) or one sinogram (angle, u), axes by name,
/// with the coordinate `angle` in degrees. With flats they are counts, and flat field and logarithm
/// come first (tomo/flatfield.hpp, its defaults); without, they are line integrals.
/// Out: frames (y, x) along z, in f32 (f64 in double precision), in 1 / unit of u's spacing. y and
/// x are measured from the rotation axis, z is v: cropping and binning of the input change neither.
/// Other arrays end here.
///
/// Access is random (but for sinograms in a pipe with a centre that is given, which are taken as
/// they come): the rows of some slices are read for all views (16 or 32 slices where they fit
/// the memory), reconstructed and given away while the next are read. A centre that is not given is
/// found once (stage/scan_center.hpp), whatever slices are asked for. usage_error: options beyond
/// the data; data_error: what scan_of, match_references, sinogram_reader and find_scan_center
/// refuse, a centre that two methods disagree on, angles that do not go one way; memory_error: not
/// even one slice fits.
std::unique_ptr<stage> make_fbp(const fbp_stage_options&);

}  // namespace ir
