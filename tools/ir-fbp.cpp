// ir-fbp: slices of a parallel-beam scan by filtered backprojection.
#include <fmt/format.h>

#include <charconv>

#include "cli/scan_options.hpp"
#include "cli/tool.hpp"
#include "stage/fbp.hpp"

namespace {

struct options {
  std::string center = "auto", window = "ram-lak", padding = "edge";
  std::optional<std::string> slices, pixel_size;
  std::optional<double> order;
  double cutoff = 0.5;
  std::vector<ir::index_t> size;
  std::vector<std::string> roi;
  bool no_dark = false, any_order = false;
};

const std::vector<std::pair<std::string, ir::ramp_window>> windows{
    {"ram-lak", ir::ramp_window::ram_lak}, {"shepp-logan", ir::ramp_window::shepp_logan},
    {"cosine", ir::ramp_window::cosine},   {"hamming", ir::ramp_window::hamming},
    {"hann", ir::ramp_window::hann},       {"butterworth", ir::ramp_window::butterworth},
    {"none", ir::ramp_window::none}};

std::vector<std::string> window_names() {
  std::vector<std::string> names;
  for (const auto& w : windows) names.push_back(w.first);
  return names;
}

void declare(ir::option_table& t, options& o) {
  t.describe(
      "Reconstructs slices of a parallel-beam scan, raw or as line integrals, by filtered "
      "backprojection with the band-limited ramp h and linear interpolation.\n\n"
      "    slice(y, x) = sum over views of w (h * p)(s),   s = c + x cos(a) + y sin(a)\n\n"
      "c is the detector pixel that the rotation axis falls on, a the angle of a view, x to the "
      "right and y down from the axis in pixels. w is the view's share of the half turn, whatever "
      "the spacing of the angles. A full turn is recognised; where its axis is off the detector's "
      "middle, what only one of two opposite views sees counts twice (half acquisition): --size "
      "widens the slice to all that is seen. The centre is found by two methods; where they "
      "disagree the exit status is 65, and --center decides.\n\n"
      "A raw scan (ir-read recognises DXchange and NXtomo; --flat and --dark make one of a stack) "
      "is divided by its flats and its negative logarithm taken, as by ir-flatfield, which has "
      "more choices. Without flats the input is line integrals. Projections (angle, v, u), "
      "sinograms (v, angle, u) and one sinogram (angle, u) are told apart by the names of their "
      "axes; of files only the rows that are needed are read. A pipe of projections is kept "
      "once, in memory or a scratch file; sinograms are taken as they come where --center is a "
      "number.\n\n"
      "Values are in 1/pixel, or 1/unit where the axis u or --pixel-size says how large a pixel "
      "is. Slices have axes y and x, measured from the rotation axis, along z.");
  t.group("Reconstruction");
  t.add("--center", o.center,
        "where the rotation axis falls: a pixel of a detector row, counted from 0, after --bin and "
        "all that ir-read cropped; auto: found as by ir-center, from 8 rows of all that arrive")
      .metavar("X|auto");
  t.add("--window", o.window, "of the ramp; none: no ramp either, plain backprojection")
      .choices(window_names());
  t.add("--cutoff", o.cutoff, "where the window ends, cycles per pixel, at most 0.5")
      .metavar("F")
      .positive();
  t.add("--order", o.order, "of the Butterworth window").positive().metavar("N").fallback("4");
  t.add("--padding", o.padding,
        "what continues a row on both sides: its border pixels (the object may reach beyond the "
        "detector), or zeros")
      .choices({"edge", "zero"});
  t.add("--slices", o.slices, "which rows v: begin:end:step as in Python, or one row")
      .metavar("RANGE");
  t.add("--size", o.size,
        "pixels of a slice, rows and columns or one number for both, the axis in the middle; else "
        "as wide as the detector");
  t.add("--roi", o.roi, "region of that slice, rows and columns: 10:500,20:600").metavar("RANGES");
  t.add("--pixel-size", o.pixel_size,
        "of the detector as it arrives, with its unit or without: 0.65um; else what the input says")
      .metavar("X[UNIT]");
  t.group("Scan");
  ir::declare_references(t);
  t.add("--no-dark", o.no_dark, "the dark is zero where there is none");
  ir::declare_angles(t);
  t.add("--any-order", o.any_order,
        "angles that neither rise nor fall from view to view are right");
  t.section("References",
            "A. C. Kak, M. Slaney, Principles of Computerized Tomographic Imaging (1988), 3.3.");
  t.add_example("ir-fbp raw_scan.h5 --center 23.5 -o slices.tif",
                "A scan with its darks, flats and angles in one file.");
  t.add_example(
      "ir-fbp projections.tif --flat flat.tif --dark dark.tif --angles 0:180 --center 23.5 "
      "--slices 10:20 --window hann -o slices.h5",
      "Ten rows of a stack.");
  t.add_example(
      "ir-read raw_scan.h5 | ir-flatfield | ir-fbp --center 23.5 | ir-write 'slice_%05d.tif'",
      "The same step by step.");
}

ir::ramp_window window_of(const std::string& name) {
  for (const auto& [known, window] : windows)
    if (known == name) return window;
  return ir::ramp_window::ram_lak;
}

/// A number at the beginning of `text`, and what follows it.
std::pair<double, std::string> number_of(const std::string& option, const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc())
    throw ir::usage_error(fmt::format("{} {}: this is no number", option, text));
  return {value, std::string(at, end)};
}

std::unique_ptr<ir::stage> make(const options& o) {
  ir::fbp_stage_options s;
  if (o.center != "auto") {
    const auto [center, rest] = number_of("--center", o.center);
    if (!rest.empty())
      throw ir::usage_error(fmt::format("--center {}: a number is needed, or auto", o.center));
    s.center = center;
  }
  s.filter.window = window_of(o.window);
  s.filter.cutoff = o.cutoff;
  if (o.order && s.filter.window != ir::ramp_window::butterworth)
    throw ir::usage_error("--order has a meaning only with --window butterworth");
  s.filter.order = o.order.value_or(s.filter.order);
  if (o.padding == "zero") s.filter.padding = ir::row_padding::zero;
  if (o.slices) s.slices = ir::parse_range(*o.slices);
  s.size = o.size;
  for (const std::string& r : o.roi) s.roi.push_back(ir::parse_range(r));
  if (o.pixel_size) std::tie(s.pixel_size, s.unit) = number_of("--pixel-size", *o.pixel_size);
  s.no_dark = o.no_dark;
  s.any_order = o.any_order;
  return ir::make_fbp(s);
}

const ir::registered<ir::tool> entry{ir::filter(
    "ir-fbp", "Slices of a parallel-beam scan by filtered backprojection", declare, make)};

}  // namespace
