// ir-project: parallel-beam projections of images, volumes and phantoms.
#include <fmt/format.h>

#include <charconv>

#include "cli/tool.hpp"
#include "io/scan.hpp"
#include "stage/project.hpp"

namespace {

struct options {
  std::string angles;
  std::optional<ir::index_t> views, detector;
  std::optional<double> center;
  double detector_pixel = 1;
  std::optional<std::string> pixel_size, contrast;
  std::string axis = "middle", phantom;
  std::vector<ir::index_t> size;
  bool projections = false;
};

void declare(ir::option_table& t, options& o) {
  t.describe(
      "Projects slices along parallel rays, the reverse of ir-fbp with the same geometry:\n\n"
      "    p(a, u) = mean over detector pixel u of the integrals of slice(y, x) where\n"
      "              c + x cos(a) + y sin(a) = s,   s from u - 1/2 to u + 1/2\n\n"
      "with c the detector pixel that the rotation axis falls on, a the angle of a view, x to the "
      "right and y down from the axis. A slice is constant on each of its pixels; the weights are "
      "those of the operator radon, distance driven, so that each view keeps the mass that it "
      "sees. Line integrals are values times length: in pixels, or in the unit of the axis x or "
      "of --pixel-size.\n\n"
      "An image (y, x) becomes one sinogram (angle, u), a volume or stack (z, y, x) a sinogram "
      "for each slice, along v, or with --projections a picture (v, u) for each view; the angles "
      "travel as a coordinate, as ir-fbp and ir-write expect. u is measured from the rotation "
      "axis.\n\n"
      "--phantom takes the place of an input: the exact line integrals of what ir-phantom draws, "
      "for tests in which the projection has no error of its own.");
  t.group("Views");
  t.add("--angles", o.angles,
        "degrees: a:b for a + k (b - a) / views, a list, or a file of one number a view")
      .metavar("ANGLES")
      .required()
      .file();
  t.add("--views", o.views, "number of views of a:b").at_least(1).metavar("N");
  t.add("--projections", o.projections, "pictures (v, u) for each view in the place of sinograms");
  t.group("Geometry");
  t.add("--detector", o.detector,
        "pixels of a detector row; else as many as cover the larger side of a slice")
      .at_least(1)
      .metavar("N");
  t.add("--center", o.center,
        "where the rotation axis falls: a pixel of a detector row, counted from 0; else its middle")
      .metavar("X");
  t.add("--detector-pixel", o.detector_pixel, "size of a detector pixel in pixels of a slice")
      .positive()
      .metavar("S");
  t.add("--pixel-size", o.pixel_size,
        "of a slice as it arrives, with its unit or without: 0.65um; else what the input says")
      .metavar("X[UNIT]");
  t.add("--axis", o.axis,
        "where the rotation axis is in a slice: middle; zero, the origin of its coordinates (a "
        "region of ir-fbp); or a pixel Y,X, counted from 0")
      .metavar("PLACE");
  t.group("Phantom");
  t.add("--phantom", o.phantom, "exact line integrals of it, without an input")
      .choices({"shepp-logan"})
      .replaces_input();
  t.add("--size", o.size, "extents of the phantom's slice, rows and columns or one number for both")
      .at_least(1);
  t.add("--contrast", o.contrast, "its grey levels: modified for the eye, or original")
      .choices({"modified", "original"})
      .fallback("modified");
  t.section("References", "B. De Man, S. Basu, Phys. Med. Biol. 49 (2004) 2463-2475.");
  t.add_example("ir-project clean.tif --angles 0:180 --views 180 -o sinogram.tif",
                "One sinogram of a grey image.");
  t.add_example(
      "ir-phantom shepp-logan --size 128,128 | ir-project --angles 0:180 --views 200 | "
      "ir-fbp --center 63.5 -o head.tif",
      "There and back.");
  t.add_example(
      "ir-project --phantom shepp-logan --size 128 --angles 0:180 --views 200 -o exact.npy",
      "Its exact sinogram.");
}

double number_of(const std::string& option, const std::string& text, std::string* rest) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || (!rest && at != end))
    throw ir::usage_error(fmt::format("{} {}: this is no number", option, text));
  if (rest) *rest = std::string(at, end);
  return value;
}

void place_axis(const std::string& text, ir::project_options& p) {
  using about = ir::project_options::about;
  if (text == "middle" || text == "zero") {
    p.axis = text == "zero" ? about::zero : about::middle;
    return;
  }
  const auto comma = text.find(',');
  if (comma == text.npos)
    throw ir::usage_error(fmt::format("--axis {}: middle, zero or a pixel Y,X", text));
  p.axis = about::pixel;
  p.axis_pixel = {number_of("--axis", text.substr(0, comma), nullptr),
                  number_of("--axis", text.substr(comma + 1), nullptr)};
}

std::optional<ir::phantom_options> phantom_of(const options& o) {
  if (o.phantom.empty()) {
    if (!o.size.empty()) throw ir::usage_error("--size belongs to --phantom");
    if (o.contrast) throw ir::usage_error("--contrast belongs to --phantom");
    return {};
  }
  if (o.size.empty() || o.size.size() > 2)
    throw ir::usage_error("--phantom needs --size: one number, or rows and columns");
  ir::phantom_options p;
  p.size = ir::shape{o.size.front(), o.size.back()};
  if (o.contrast == "original") p.grey = ir::phantom_options::contrast::original;
  return p;
}

std::unique_ptr<ir::stage> make(const options& o) {
  ir::project_options p;
  p.degrees = ir::scan::angles_of(o.angles, o.views, {});
  p.detector = o.detector;
  p.center = o.center;
  p.detector_pixel = o.detector_pixel;
  if (o.pixel_size) p.pixel_size = number_of("--pixel-size", *o.pixel_size, &p.unit);
  place_axis(o.axis, p);
  p.projections = o.projections;
  p.exact = phantom_of(o);
  return ir::make_project(p);
}

const ir::registered<ir::tool> entry{ir::filter(
    "ir-project", "Parallel-beam projections of images, volumes and phantoms", declare, make)};

}  // namespace
