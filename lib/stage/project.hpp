#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stage/phantom.hpp"
#include "stage/stage.hpp"

namespace ir {

struct project_options {
  std::vector<double> degrees;       ///< of each view
  std::optional<index_t> detector;   ///< pixels of u; else as many as cover the larger side
  std::optional<double> center;      ///< pixel of u on the rotation axis; else the middle
  double detector_pixel = 1;         ///< in pixels of a slice
  std::optional<double> pixel_size;  ///< of a slice's pixels; else the stream's spacing
  std::string unit;                  ///< of pixel_size; empty: the stream's
  enum class about : std::uint8_t { middle, zero, pixel } axis = about::middle;
  std::array<double, 2> axis_pixel{};    ///< (y, x), where `axis` says so
  bool projections = false;              ///< frames (v, u) along angle
  std::optional<phantom_options> exact;  ///< a Shepp-Logan phantom in the place of images
};

/// Parallel-beam projection of slices (tomo/ray_transform.hpp), or exact means over each detector
/// pixel of a phantom's line integrals.
///
/// In: images and volumes, cut into frames (..., y, x) with square pixels, in 1/length.
/// Out: the angles as a coordinate, in degrees, then sinograms: frames (..., angle, u), where an
/// axis z is called v, within a frame or along; or projections: frames (v, u) along angle, of
/// slices (y, x) that are one frame each. f32 (f64 in double precision); line integrals in the
/// unit of the spacing times the data's. u is measured from the rotation axis. Other arrays end
/// here.
///
/// Up to 32 slices are read before their sinograms are given away, projections after the last.
/// usage_error: geometry; data_error: pixels that are not square, complex or NaN or infinite
/// values, a number of slices that is not known (projections); memory_error: it does not fit.
std::unique_ptr<stage> make_project(const project_options&);

}  // namespace ir
