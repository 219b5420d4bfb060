#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/box_source.hpp"
#include "io/format.hpp"
#include "io/source.hpp"

namespace ir {

/// A tomographic scan as arrays of a file, in the order in which frames travel:
///
///   dark   (dark_frame, v, u)   role dark: the detector without beam
///   flat   (flat_frame, v, u)   role flat: the beam without object
///   angle  (angle)              role coordinate, f64, degrees: one for each view
///   data   (angle, v, u)        role data: projections
///
/// Cut along `angle` (the default) frames are views (v, u), along `v` sinograms (angle, u); flats
/// and darks travel whole before them either way, on axes v and u of the same origin and spacing,
/// and a selection of views, rows or columns applies to every array that has the axis.
namespace scan {

/// Name of the axis of views and of the array of their angles.
inline constexpr const char* angle_name = "angle";

/// Angles in degrees as the coordinate of the axis `angle`.
std::unique_ptr<box_source> angles(std::vector<double> degrees);

/// Flats or darks for data with these axes: an image or a stack of them with the extents of v and u
/// (of the trailing axes where the data name no v and u), whose geometry they take over. `name` is
/// what a message calls them. data_error: another size or rank.
std::unique_ptr<box_source> references(std::shared_ptr<const box_source>, role,
                                       const array_info& data, const std::string& name);

/// The angles of `views` views that --angles asks for: "a:b" is a + k (b - a) / views, without b;
/// "0,30,60" is a list; else a file, text with one number a line or an array of any format.
/// Without `views` the list or file says how many there are. data_error: the file has another
/// count; usage_error: the list has, a number is none, or a:b has no number of views.
std::vector<double> angles_of(const std::string& asked, std::optional<index_t> views,
                              const open_options&);

}  // namespace scan

/// Files that make a scan of a plain stack: --flat, --dark, --angles. Empty: not given.
struct scan_files {
  std::string flat, dark, angles;
  bool empty() const { return flat.empty() && dark.empty() && angles.empty(); }
};

/// Adds them to an opened file; they replace what it has of that role. With angles the axes are
/// called (angle, v, u), or (angle, u) where there are two, unless the file or --axes names one
/// `angle`. The errors of `scan`.
void add_scan_files(file_contents&, const scan_files&, const open_options&);

/// The same for frames that come one after the other: nothing is kept. usage_error: the stream has
/// such an array already, or does not tell how many views it has.
std::unique_ptr<frame_source> join_scan_files(std::unique_ptr<frame_source>, const scan_files&,
                                              const open_options&);

}  // namespace ir
