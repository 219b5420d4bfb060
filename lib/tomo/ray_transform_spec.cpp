// radon in the language of operators: the ray transform of slices as wide as the detector.
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "op/registry.hpp"
#include "tomo/ray_transform.hpp"

namespace ir {
namespace {

struct radon_spec final : op_spec {
  std::vector<double> angles;      // radians
  index_t detector = 0;            // 0: as many pixels as a slice has columns
  std::optional<double> center{};  // absent: the middle of the detector
  double pixel_size = 1;

  parallel_geometry geometry(const space& slices) const {
    const shape& n = slices.extents();
    if (n.rank() < 2 || slices.blocks()[0].of != field::real)
      throw shape_error(
          fmt::format("radon takes real slices (..., y, x), not {}", to_string(slices)));
    parallel_geometry g;
    g.angles = angles;
    g.ny = n[n.rank() - 2];
    g.nx = n[n.rank() - 1];
    g.detector = detector > 0 ? detector : g.nx;
    g.center = center.value_or(static_cast<double>(g.detector - 1) / 2);
    g.pixel_size = pixel_size;
    g.y_first = -static_cast<double>(g.ny - 1) / 2;
    g.x_first = -static_cast<double>(g.nx - 1) / 2;
    g.check();
    return g;
  }

  space do_range(const space& x) const override {
    const parallel_geometry g = geometry(x);
    std::vector<index_t> n(x.extents().extents().begin(), x.extents().extents().end());
    n[n.size() - 2] = g.views();
    n[n.size() - 1] = g.detector;
    return {shape(n), field::real, x.blocks()[0].spatial};
  }

  // A square slice as wide as the detector, where the detector is said to be that wide.
  std::optional<space> do_domain(const space& y) const override {
    const shape& n = y.extents();
    if (n.rank() < 2 || (detector > 0 && detector != n[n.rank() - 1])) return {};
    std::vector<index_t> x(n.extents().begin(), n.extents().end());
    x[x.size() - 2] = x[x.size() - 1];
    return space(shape(x), field::real, y.blocks()[0].spatial);
  }

  // A ray meets about a pixel of each row or column: a multiplication and an addition each.
  op_cost do_cost(const space& x, precision p, device) const override {
    const double updates = static_cast<double>(x.size()) * static_cast<double>(angles.size());
    const double traffic =
        static_cast<double>(scratch_bytes_of(x, p) + scratch_bytes_of(do_range(x), p));
    return {.flops = 4 * updates, .bytes = traffic};
  }

  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return std::make_shared<ray_transform>(q, x, geometry(x), p);
  }
};

constexpr index_t most_angles = 1 << 24;

std::vector<double> radians(const argument& a) {
  constexpr double degree = std::numbers::pi / 180;
  if (std::holds_alternative<double>(a))
    return even_angles(whole_number(a, "angles", 1, most_angles), 0, std::numbers::pi);
  std::vector<double> out = numbers(a);
  for (double& v : out) v *= degree;
  return out;
}

using kind = argument_kind;
const registered<op_entry> entry{
    {"radon",
     "parallel-beam projection of slices (..., y, x) to sinograms (..., angle, u), the rotation "
     "axis "
     "in the middle of the slice; of sinograms alone the slice is a square as wide as the detector",
     {{"angles", kind::numbers,
       "in degrees: a list or @file; one number: so many over a half turn"},
      {"detector", kind::number, "pixels of a row; 0: as wide as the slice", argument(0.0)},
      {"center", kind::number, "pixel that the axis falls on, from 0; -1: the middle",
       argument(-1.0)},
      {"pixel_size", kind::number, "of detector and slice", argument(1.0)}},
     [](auto a) {
       auto s = std::make_shared<radon_spec>();
       s->angles = radians(a[0]);
       s->detector = whole_number(a[1], "detector", 0);
       if (number(a[2]) != -1) s->center = number(a[2]);
       s->pixel_size = number(a[3]);
       return s;
     }}};

}  // namespace
}  // namespace ir
