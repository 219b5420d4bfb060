#include "stage/scan_layout.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "io/scan.hpp"

namespace ir {
namespace {

std::string axes_text(const stream_header& h) {
  const array_info& data = data_of(h);
  std::string text;
  const auto add = [&](const axis& a) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", a.name, a.size);
  };
  if (!h.along.name.empty()) add(h.along);
  for (const axis& a : data.axes) add(a);
  return text;
}

std::optional<int> angles_in(const stream_header& h) {
  for (std::size_t i = 0; i < h.arrays.size(); ++i)
    if (h.arrays[i].what == role::coordinate && h.arrays[i].name == scan::angle_name)
      return static_cast<int>(i);
  return {};
}

void place_axes(const stream_header& h, scan_layout& s) {
  const array_info& data = data_of(h);
  const auto refuse = [&](const std::string& why) {
    return data_error(
        fmt::format("{}: a scan has projections (angle, v, u), sinograms (v, angle, u) or one "
                    "sinogram (angle, u), here are ({}); --axes names the axes of a file",
                    why, axes_text(h)));
  };
  bool views = false, pixels = false;
  const auto place = [&](const axis& a, int at) {
    if (a.name == scan::angle_name) {
      s.angle = a, s.angle_at = at, views = true;
    } else if (a.name == "u") {
      s.u = a, s.u_at = at, pixels = true;
    } else if (a.name == "v") {
      s.v = a, s.v_at = at;
    } else if (at != scan_layout::along || data.frames.value_or(2) > 1) {
      throw refuse(fmt::format("axis {}", a.name));
    }
  };
  if (!h.along.name.empty()) place(h.along, scan_layout::along);
  for (std::size_t i = 0; i < data.axes.size(); ++i) place(data.axes[i], static_cast<int>(i));
  if (!views || !pixels) throw refuse(views ? "no axis u" : "no axis angle");
  if (s.v_at == scan_layout::absent) s.v = {"v", "", 1, 1, 0};
  if (s.v.size == 0) throw data_error("the stream does not tell how many rows (v) it has");
}

}  // namespace

scan_layout scan_of(const stream_header& h) {
  const array_info& data = data_of(h);
  scan_layout s;
  s.data = data_index(h);
  const auto angles = angles_in(h);
  if (!angles)
    throw data_error(
        "the input has no angles: give them with --angles, as a:b, a list of degrees or a file");
  s.angles = *angles;
  place_axes(h, s);
  const index_t n = extents_of(h.arrays[static_cast<std::size_t>(s.angles)]).count();
  if (s.angle.size == 0) s.angle.size = n;
  if (n != s.angle.size) throw data_error(fmt::format("{} angles, but {} views", n, s.angle.size));
  s.flat = index_of(h, role::flat);
  s.dark = index_of(h, role::dark);
  if (is_complex(data.type))
    throw data_error(
        fmt::format("line integrals are real: '{}' is {}", data.name, name_of(data.type)));
  if (!s.raw() && is_integer(data.type))
    throw data_error(
        fmt::format("the data are counts ({}) without flats: give them with --flat and --dark; if "
                    "they are line integrals already, say so with --dtype f32",
                    name_of(data.type)));
  return s;
}

}  // namespace ir
