#include "stage/project_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "io/metadata.hpp"
#include "io/scan.hpp"

namespace ir {
namespace {

using about = project_options::about;

void check_slices(const array_info& data) {
  const std::size_t rank = data.axes.size();
  if (rank < 2)
    throw data_error("slices have two axes, y and x: join frames with --rank 2, or name the axes");
  if (is_complex(data.type))
    throw data_error(fmt::format("slices are real: '{}' is {}", data.name, name_of(data.type)));
  for (std::size_t i = 0; i + 2 < rank; ++i)
    if (data.axes[i].name == "c")
      throw data_error("colours have no line integrals: project a single channel");
  const axis &y = data.axes[rank - 2], &x = data.axes[rank - 1];
  const bool square = std::abs(y.spacing - x.spacing) <= 1e-6 * std::abs(x.spacing);
  if (!(x.spacing > 0) || !square)
    throw data_error(fmt::format(
        "the pixels of a slice are {:.9g} along {} and {:.9g} along {}: square ones are needed",
        y.spacing, y.name, x.spacing, x.name));
}

/// Where the rotation axis is, in pixels of a side.
double turning(const axis& side, double pixel, const project_options& o) {
  if (o.axis == about::middle) return 0.5 * static_cast<double>(side.size - 1);
  return o.axis == about::zero ? -side.origin / side.spacing : pixel;
}

parallel_geometry geometry_of(const axis& y, const axis& x, const project_options& o) {
  parallel_geometry g;
  for (const double d : o.degrees) g.angles.push_back(d * std::numbers::pi / 180);
  g.ny = y.size;
  g.nx = x.size;
  g.spacing = 1 / o.detector_pixel;
  g.pixel_size = o.pixel_size.value_or(x.spacing) * o.detector_pixel;
  g.y_first = -turning(y, o.axis_pixel[0], o) * g.spacing;
  g.x_first = -turning(x, o.axis_pixel[1], o) * g.spacing;
  const double side = static_cast<double>(std::max(g.ny, g.nx)) * g.spacing;
  g.detector = o.detector.value_or(static_cast<index_t>(std::ceil(side - 1e-9)));
  g.center = o.center.value_or(0.5 * static_cast<double>(g.detector - 1));
  g.check();
  return g;
}

/// The axis of slices as rows of a detector, whose length a given pixel size changes as well.
axis row_axis(axis z, const axis& x, const project_options& o) {
  if (z.name != "z") return z;
  z.name = "v";
  if (!o.pixel_size) return z;
  const double scale = *o.pixel_size / x.spacing;
  z.spacing *= scale;
  z.origin *= scale;
  if (!o.unit.empty()) z.unit = o.unit;
  return z;
}

}  // namespace

project_job plan_projection(const stream_header& in, const project_options& o, precision p) {
  const array_info& data = data_of(in);
  check_slices(data);
  const std::size_t rank = data.axes.size();
  const axis& x = data.axes[rank - 1];
  project_job job;
  job.geometry = geometry_of(data.axes[rank - 2], x, o);
  job.frames = in.along.name.empty() ? 1 : data.frames;
  const parallel_geometry& g = job.geometry;
  const axis angle{scan::angle_name, "", g.views(), 1, 0};
  const axis u{"u", o.unit.empty() ? x.unit : o.unit, g.detector, g.pixel_size,
               -g.center * g.pixel_size};

  array_info angles;
  angles.name = scan::angle_name;
  angles.what = role::coordinate;
  angles.type = dtype::f64;
  angles.axes = {angle};
  angles.frames = 1;
  array_info rays;
  rays.name = data.name;
  rays.type = real_type(p);
  rays.frames = data.frames;
  for (std::size_t i = 0; i + 2 < rank; ++i) {
    rays.axes.push_back(row_axis(data.axes[i], x, o));
    job.slices_a_frame *= data.axes[i].size;
  }
  job.out.along = row_axis(in.along, x, o);
  if (o.projections) {
    if (rank > 2)
      throw usage_error(
          fmt::format("--projections: slices are frames of rank 2, here they have {} "
                      "axes",
                      rank));
    if (!job.frames)
      throw data_error("--projections: the stream does not tell how many slices it has");
    axis v = in.along.name.empty() ? axis{"v", u.unit, 1, g.pixel_size, 0} : job.out.along;
    v.name = "v";
    v.size = *job.frames;
    rays.axes = {v, u};
    rays.frames = g.views();
    job.out.along = angle;
  } else {
    rays.axes.insert(rays.axes.end(), {angle, u});
  }
  job.out.arrays = {std::move(angles), std::move(rays)};
  job.out.meta = metadata::with(in.meta, "unit", "null");
  return job;
}

stream_header phantom_slice(const shape& size, precision p) {
  array_info slice;
  slice.name = "data";
  slice.type = real_type(p);
  slice.axes = {{"y", "", size[0], 1, 0}, {"x", "", size[1], 1, 0}};
  slice.frames = 1;
  stream_header h;
  h.arrays = {slice};
  return h;
}

}  // namespace ir
