#include "stage/fbp_job.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "io/metadata.hpp"

namespace ir {
namespace {

constexpr double pi = std::numbers::pi;

parallel_geometry sized(const parallel_geometry& whole, const std::vector<index_t>& size) {
  if (size.empty()) return whole;
  if (size.size() > 2)
    throw usage_error("--size: one number, or two for the rows and columns of a slice");
  for (const index_t n : size)
    if (n < 1) throw usage_error(fmt::format("--size {}: a slice has at least one pixel", n));
  parallel_geometry g = whole;
  g.ny = size.front();
  g.nx = size.back();
  g.y_first = -0.5 * static_cast<double>(g.ny - 1) * g.spacing;
  g.x_first = -0.5 * static_cast<double>(g.nx - 1) * g.spacing;
  return g;
}

parallel_geometry cropped(const parallel_geometry& whole, const std::vector<range_spec>& roi) {
  if (roi.empty()) return whole;
  if (roi.size() != 2)
    throw usage_error("--roi: two ranges are needed, rows and columns of a slice: 10:500,20:600");
  const index_range y = resolve(roi[0], whole.ny, "--roi, rows of a slice");
  const index_range x = resolve(roi[1], whole.nx, "--roi, columns of a slice");
  if (y.step != 1 || x.step != 1)
    throw usage_error("--roi: every pixel of the region is reconstructed, without a step");
  return region_of(whole, y.begin, x.begin, y.count, x.count);
}

double pixel_of(const axis& u, const fbp_stage_options& o) {
  return o.pixel_size.value_or(std::abs(u.spacing));
}

}  // namespace

fbp_job plan_fbp(const stream_header& h, const fbp_stage_options& o) {
  fbp_job job{scan_of(h), {}, {}};
  const axis& u = job.scan.u;
  const double center = o.center.value_or(0.5 * static_cast<double>(u.size - 1));
  parallel_geometry g = whole_slice(even_angles(job.scan.views(), 0, pi), u.size, center);
  g.pixel_size = pixel_of(u, o);
  job.geometry = cropped(sized(g, o.size), o.roi);
  job.geometry.check();
  job.rows = {0, job.scan.v.size, 1};
  if (o.slices) job.rows = resolve(*o.slices, job.scan.v.size, "--slices, rows v of the scan");
  return job;
}

stream_header slices_of(const stream_header& in, const fbp_job& job, const fbp_stage_options& o,
                        precision p) {
  const parallel_geometry& g = job.geometry;
  const axis &u = job.scan.u, &v = job.scan.v;
  const std::string unit = o.unit.empty() ? u.unit : o.unit;
  const double pixel = g.pixel_size * g.spacing;
  array_info slice;
  slice.name = data_of(in).name;
  slice.type = real_type(p);
  slice.axes = {{"y", unit, g.ny, pixel, g.y_first * g.pixel_size},
                {"x", unit, g.nx, pixel, g.x_first * g.pixel_size}};
  slice.frames = job.rows.count;
  stream_header out;
  out.arrays.push_back(std::move(slice));
  if (job.scan.v_at != scan_layout::absent) {
    // A pixel size that is given says how large u's spacing is; v keeps its proportion.
    const double scale = g.pixel_size / std::abs(u.spacing);
    const double first = v.origin + static_cast<double>(job.rows.begin) * v.spacing;
    out.along = {"z", o.unit.empty() ? v.unit : o.unit, job.rows.count,
                 v.spacing * static_cast<double>(job.rows.step) * scale, first * scale};
  }
  const bool plain = unit.empty() && !o.pixel_size;
  out.meta = in.meta;
  if (plain || !unit.empty())
    out.meta = metadata::with(in.meta, "unit", json_quoted("1/" + (plain ? "pixel" : unit)));
  return out;
}

std::vector<double> radians_of(const std::vector<double>& degrees, bool any_order) {
  std::vector<double> out;
  for (std::size_t i = 0; i < degrees.size(); ++i) {
    out.push_back(degrees[i] * pi / 180);
    if (i == 0 || any_order) continue;
    const double step = degrees[i] - degrees[i - 1], way = degrees[1] - degrees[0];
    if (step == 0 || (step > 0) != (way > 0))
      throw data_error(
          fmt::format("the angles do not go one way: view {} is at {:.9g} degrees, view {} at "
                      "{:.9g}; if that is how they were taken, say --any-order",
                      i - 1, degrees[i - 1], i, degrees[i]));
  }
  return out;
}

}  // namespace ir
