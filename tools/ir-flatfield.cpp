// ir-flatfield: from counts of a detector to transmission or absorption.
#include "cli/scan_options.hpp"
#include "cli/tool.hpp"
#include "stage/flatfield.hpp"

namespace {

struct options {
  std::string combine = "mean", bad = "neighbour";
  bool no_log = false, no_dark = false;
  double least = 1e-6;
};

void declare(ir::option_table& t, options& o) {
  t.describe(
      "Divides what a detector counted by what it counts without object:\n\n"
      "    t = (I - D) / (F - D),   p = -log(max(t, T))\n\n"
      "with the dark D and the flat F combined of all that the scan has (ir-read recognises them) "
      "or that --flat and --dark name. Takes projections (v, u) and sinograms (angle, u); axes are "
      "found by name. Darks and flats end here, angles pass on.\n\n"
      "A pixel is dead where the flat is not above the dark. Values on dead pixels, NaN and "
      "infinities are replaced as --bad says; transmissions below T (--min-transmission) become T "
      "before the logarithm. How many of each is told with -v, --json and --report. The logarithm "
      "is right to 2 units in the last place of f32.");
  ir::declare_references(t);
  t.add("--combine", o.combine, "how many darks or flats become one").choices({"mean", "median"});
  t.add("--no-log", o.no_log, "transmission, not its negative logarithm");
  t.add("--no-dark", o.no_dark, "the dark is zero where there is none");
  t.add("--min-transmission", o.least, "smaller transmissions become this before the logarithm")
      .positive()
      .metavar("T");
  t.add("--bad", o.bad,
        "values without meaning: interpolated along u; empty: nothing absorbed; error: exit 65, "
        "also for transmissions below T")
      .choices({"neighbour", "empty", "error"});
  t.add_example("ir-flatfield projections.tif --flat flat.tif --dark dark.tif -o absorption.tif",
                "A stack with its flats and darks.");
  t.add_example(
      "ir-read projections.tif --flat flat.tif --dark dark.tif --angles 0:180 --along v | "
      "ir-flatfield --combine median -o sinograms.h5",
      "A scan as sinograms.");
}

std::unique_ptr<ir::stage> make(const options& o) {
  ir::flatfield_stage_options s;
  s.correct.log = !o.no_log;
  s.correct.least = o.least;
  s.correct.bad = o.bad == "empty"   ? ir::bad_values::empty
                  : o.bad == "error" ? ir::bad_values::error
                                     : ir::bad_values::neighbour;
  s.combine =
      o.combine == "median" ? ir::combined_image::how::median : ir::combined_image::how::mean;
  s.no_dark = o.no_dark;
  return ir::make_flatfield(s);
}

const ir::registered<ir::tool> entry{ir::filter<options>(
    "ir-flatfield", "Transmission or absorption from counts, darks and flats", declare, make)};

}  // namespace
