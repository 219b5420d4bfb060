// ir-center: where the rotation axis of a scan falls on the detector.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cmath>

#include "cli/scan_options.hpp"
#include "cli/tool.hpp"
#include "io/metadata.hpp"
#include "stage/scan_center.hpp"

namespace {

struct options {
  std::string method = "both", range;
  ir::index_t rows = 8;
  bool no_dark = false;
};

void declare(ir::option_table& t, options& o) {
  t.describe(
      "Finds the pixel of a detector row, counted from 0, on which the rotation axis of a "
      "parallel-beam scan falls, by two methods:\n\n"
      "opposite: views half a turn apart mirror each other at the axis. They are registered over "
      "the whole range to a fraction of a pixel, all there are; between neighbouring views and "
      "one step beyond the end of a half turn they are interpolated. The object may reach beyond "
      "the detector.\n\n"
      "slices: a wrong centre spreads every edge of a slice into a fork. Of the slices of each "
      "half "
      "turn those with the least total variation are looked for, near the first answer; where the "
      "scan has no opposite views, in the whole range.\n\n"
      "The value is the mean of both, weighted with their errors. Exit code 1: worked, but the "
      "methods disagree (by more than 0.5 pixels, or 1 where their standard errors explain it; one "
      "of them found nothing; or one alone is uncertain by half a pixel). In a file or pipe the "
      "answer "
      "is the value alone, so that --center $(ir-center scan.h5) works; on a terminal, and with "
      "-v, it comes with its uncertainty (one standard deviation) and the answer of each method; "
      "--json has all of it.\n\n"
      "A raw scan is divided by its flats and its logarithm taken, as by ir-flatfield; without "
      "flats the input is line integrals. Of files only the chosen rows are read.");
  t.add("--method", o.method, "use one method alone").choices({"both", "opposite", "slices"});
  t.add("--rows", o.rows, "use so many rows v, evenly spaced, or all there are").at_least(1);
  t.add("--range", o.range,
        "look between these pixels; else in the middle half of the detector, of a full turn in the "
        "middle nine tenths")
      .metavar("A:B");
  t.group("Scan");
  ir::declare_references(t);
  t.add("--no-dark", o.no_dark, "the dark is zero where there is none");
  ir::declare_angles(t);
  t.section("References",
            "A. Brunetti, F. De Carlo, Proc. SPIE 5535 (2004) 652-659. T. Donath, F. Beckmann, A. "
            "Schreyer, J. Opt. Soc. Am. A 23 (2006) 1048-1057.");
  t.add_example("ir-center projections.tif --flat flat.tif --dark dark.tif --angles 0:180",
                "A stack with its flats and darks.");
  t.add_example(
      "ir-read projections.tif --flat flat.tif --dark dark.tif --angles 0:180 | ir-flatfield | "
      "ir-center --method opposite --range 15:30 --json",
      "One method in a part of the detector.");
}

std::array<double, 2> range_of(const std::string& text) {
  const auto refuse = [&] {
    return ir::usage_error(fmt::format("--range {}: two pixels are needed, 200:300", text));
  };
  std::array<double, 2> range{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < 2; ++i) {
    const auto [next, error] = std::from_chars(at, end, range[i]);
    if (error != std::errc() || (i == 0 ? next == end || *next != ':' : next != end))
      throw refuse();
    at = next + 1;
  }
  return range;
}

ir::scan_center_options options_of(const options& o) {
  ir::scan_center_options s;
  s.rows = o.rows;
  s.dark = o.no_dark ? ir::dark_is::zero : ir::dark_is::given;
  s.how.opposite = o.method != "slices";
  s.how.slices = o.method != "opposite";
  if (!o.range.empty()) s.how.range = range_of(o.range);
  return s;
}

std::string line_of(const std::string& name, const std::optional<ir::center_answer>& a,
                    const std::string& otherwise) {
  if (!a) return fmt::format("{:<9} {}\n", name, otherwise);
  return fmt::format("{:<9} {:.3f} +- {:.3f}\n", name, a->center, a->error);
}

std::string text_of(const ir::scan_center_options& o, const ir::rotation_center& r, bool whole) {
  if (!whole) return fmt::format("{:.3f}\n", r.center);
  std::string text =
      fmt::format("{:<9} {:.3f} +- {:.3f} pixels\n", "center", r.center, r.uncertainty);
  if (o.how.opposite)
    text += line_of("opposite", r.opposite,
                    r.pairs == 0 ? "the scan has no opposite views" : "no match in the range");
  if (o.how.slices) text += line_of("slices", r.slices, "no minimum");
  return text + (r.agree ? "" : "the methods disagree\n");
}

std::string member_of(const std::string& name, const std::optional<ir::center_answer>& a) {
  if (!a) return fmt::format(R"("{}":null)", name);
  const std::string error = std::isfinite(a->error) ? ir::json_number(a->error) : "null";
  return fmt::format(R"("{}":{{"center":{},"error":{}}})", name, ir::json_number(a->center), error);
}

std::string object_of(const ir::rotation_center& r, const ir::row_choice& rows) {
  return fmt::format(
      R"({{"tool":"ir-center","center":{},"uncertainty":{},"agree":{},"methods":{{{},{}}},)"
      R"("pairs":{},"rows":{{"begin":{},"count":{},"step":{}}}}})",
      ir::json_number(r.center), ir::json_number(r.uncertainty), r.agree,
      member_of("opposite", r.opposite), member_of("slices", r.slices), r.pairs, rows.begin,
      rows.count, rows.step);
}

ir::stage_plan plan_of(const ir::stream_header& h, const ir::scan_layout& scan,
                       const ir::scan_center_options& o) {
  if (scan.raw()) ir::match_references(h, o.dark);
  ir::stage_plan p;
  p.out = h;
  p.needs = {{ir::access::random, 0}};
  p.why = "some rows, on the CPU";
  p.host_bytes = ir::scan_center_bytes(h, scan, o);
  return p;
}

ir::exit_code run(const options& o, ir::context& c) {
  const ir::scan_center_options s = options_of(o);
  const ir::scan_layout scan = ir::scan_of(c.inputs[0]->header());
  if (c.available.where && c.available.where->kind == ir::device::cuda)
    throw ir::device_error("the rotation centre is found on the CPU: --device cpu or auto");
  ir::queue& q = c.start(plan_of(c.inputs[0]->header(), scan, s));
  const ir::rotation_center r = ir::find_scan_center(q, *c.inputs[0], scan, s);
  c.answer(text_of(s, r, c.verbose || isatty(STDOUT_FILENO)),
           object_of(r, ir::center_rows(scan.v.size, s.rows)));
  return r.agree ? ir::exit_code::ok : ir::exit_code::negative;
}

const ir::registered<ir::tool> entry{ir::report<options>(
    "ir-center", "Find the rotation centre of a scan", declare, run, ir::tool::takes::frames)};

}  // namespace
