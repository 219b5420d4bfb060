// ir-metric: how far an image is from a reference.
#include <fmt/format.h>

#include <cmath>

#include "cli/tool.hpp"
#include "io/metadata.hpp"
#include "stage/metric_compare.hpp"

namespace {

struct options {
  std::string metric, scale = "none", per = "stack";
  std::optional<double> peak, fail_below, fail_above;
  ir::index_t border = 0;
};

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const ir::metric_entry& m : ir::metrics()) names.emplace_back(m.name);
  return names;
}

void declare(ir::option_table& t, options& o) {
  t.describe(
      "Compares frames x with the frames r of a reference: the same extents, the same number. With "
      "d "
      "= f x - r over the N pixels of all frames (--per frame: of each):\n\n"
      "psnr = 20 log10(peak / rmse) in dB, rmse = sqrt(sum d^2 / N), nrmse = |d| / |r| in "
      "Euclidean "
      "norms, mae = sum |d| / N, max = max |d|, bias = sum d / N, and idiv, the I-divergence sum "
      "(r "
      "ln(r / f x) + f x - r) / N (I. Csiszar, Ann. Statist. 19 (1991) 2032-2066) with 0 ln 0 = 0: "
      "infinite where f x = 0 < r.\n\n"
      "The peak of psnr is --peak, else the nominal range of the reference (255 for 8-bit files), "
      "else "
      "its maximum minus minimum; the output says which. Nothing is clipped.\n\n"
      "The factor f is 1; with --scale sum it is sum r / sum x, with least-squares <x, r> / <x, "
      "x>, "
      "of all frames together or of each; then both inputs are read twice, a pipe from a spool.\n\n"
      "What is not defined (psnr for peak 0, nrmse of a reference 0, idiv of negative values) is "
      "printed as undefined, and is null in JSON, where the infinite is \"inf\". Sums are in f64 "
      "and "
      "have the same bits for any number of threads.\n\n"
      "Exit code 1: worked, but the value of --metric, or of one frame, is below --fail-below or "
      "above "
      "--fail-above.");
  t.input("--reference", ir::role::other, "what the input is compared with").required();
  t.add("--metric", o.metric, "print only this number, one line a result").choices(metric_names());
  t.add("--scale", o.scale, "multiply the input first, so that it fits the reference")
      .choices({"none", "sum", "least-squares"});
  t.add("--per", o.per, "one result for the stack, or one for each frame")
      .choices({"stack", "frame"});
  t.add("--peak", o.peak, "range of values that psnr refers to").positive().metavar("P");
  t.add("--border", o.border, "pixels to leave out at each end of every spatial axis").at_least(0);
  t.add("--fail-below", o.fail_below, "exit with 1 where --metric is below").metavar("V");
  t.add("--fail-above", o.fail_above, "exit with 1 where --metric is above").metavar("V");
  t.add_example("ir-metric noisy.tif --reference clean.tif", "Every metric.");
  t.add_example("ir-metric noisy.tif --reference clean.tif --metric psnr --fail-below 10",
                "One number, and a verdict for scripts.");
  t.add_example(
      "ir-metric volume.h5:/data --reference volume.h5:/data --per frame --scale sum --json",
      "Frame by frame, as JSON.");
}

std::string value_text(const ir::metric_value& v) {
  return v ? fmt::format("{:.9g}", *v) : "undefined";
}
std::string value_json(const ir::metric_value& v) {
  if (!v) return "null";
  return std::isinf(*v) ? "\"inf\"" : ir::json_number(*v);
}

std::string table_text(const ir::comparison& c) {
  std::string text;
  const auto metrics = ir::metrics();
  for (std::size_t i = 0; i < metrics.size(); ++i)
    text += fmt::format("{:<7}{:>14}{:<4}  {}\n", metrics[i].name, value_text(c.values[i]),
                        metrics[i].unit.empty() ? "" : " " + std::string(metrics[i].unit),
                        metrics[i].meaning);
  text += fmt::format("peak   {:>14.9g}      {}\n", c.peak.value, c.peak.from);
  text += fmt::format("factor {:>14.9g}      of the input\n", c.factor);
  text += fmt::format("frames {:>14}      {} pixels\n", c.frames, c.pixels);
  return text;
}

std::string rows_text(const std::vector<ir::comparison>& all) {
  std::string text;
  text += fmt::format("frame");
  for (const ir::metric_entry& m : ir::metrics()) text += fmt::format("\t{}", m.name);
  text += fmt::format("\tpeak\tfactor\n");
  for (std::size_t k = 0; k < all.size(); ++k) {
    text += fmt::format("{}", k);
    for (const ir::metric_value& v : all[k].values) text += fmt::format("\t{}", value_text(v));
    text += fmt::format("\t{:.9g}\t{:.9g}\n", all[k].peak.value, all[k].factor);
  }
  return text;
}

std::string members(const ir::comparison& c) {
  std::string text = fmt::format(R"("frames":{},"pixels":{},"factor":{},"peak":{},"peak_from":{})",
                                 c.frames, c.pixels, ir::json_number(c.factor),
                                 ir::json_number(c.peak.value), ir::json_quoted(c.peak.from));
  for (std::size_t i = 0; i < c.values.size(); ++i)
    text += fmt::format(R"(,"{}":{})", ir::metrics()[i].name, value_json(c.values[i]));
  return text;
}

std::string object(const options& o, const std::vector<ir::comparison>& all,
                   std::optional<bool> pass) {
  std::string head = fmt::format(R"("tool":"ir-metric","scale":"{}","per":"{}","border":{})",
                                 o.scale, o.per, o.border);
  if (pass) head += fmt::format(R"(,"metric":"{}","pass":{})", o.metric, *pass);
  if (o.per == "stack") return fmt::format("{{{},{}}}", head, members(all[0]));
  std::string results;
  for (const ir::comparison& c : all) results += (results.empty() ? "{" : ",{") + members(c) + "}";
  return fmt::format(R"({{{},"results":[{}]}})", head, results);
}

std::string text_of(const options& o, const std::vector<ir::comparison>& all, std::size_t metric) {
  if (o.metric.empty()) return o.per == "frame" ? rows_text(all) : table_text(all[0]);
  std::string text;
  for (const ir::comparison& one : all) text += value_text(one.values[metric]) + "\n";
  return text;
}

/// Whether every result is within the limits; absent without limits.
std::optional<bool> judge(const options& o, const std::vector<ir::comparison>& all,
                          std::size_t metric) {
  if (!o.fail_below && !o.fail_above) return {};
  bool pass = true;
  for (const ir::comparison& c : all) {
    const ir::metric_value& v = c.values[metric];
    if (!v)
      throw ir::data_error(o.metric + " is undefined here: it can be neither passed nor failed");
    pass = pass && !(o.fail_below && *v < *o.fail_below) && !(o.fail_above && *v > *o.fail_above);
  }
  return pass;
}

ir::exit_code run(const options& o, ir::context& c) {
  if ((o.fail_below || o.fail_above) && o.metric.empty())
    throw ir::usage_error("--fail-below and --fail-above judge one number: name it with --metric");
  ir::compare_options how;
  if (o.scale != "none")
    how.scale = o.scale == "sum" ? ir::metric_scale::sum : ir::metric_scale::least_squares;
  how.each_frame = o.per == "frame";
  how.peak = o.peak;
  how.border = o.border;

  ir::queue& q =
      c.start(ir::plan_comparison(c.inputs[0]->header(), c.inputs[1]->header(), how, c.available));
  const std::vector<ir::comparison> all =
      ir::compare(*c.inputs[0], *c.inputs[1], how, c.available.rank, q);

  const std::size_t metric =
      o.metric.empty() ? 0
                       : static_cast<std::size_t>(&ir::metric_named(o.metric) - &ir::metrics()[0]);
  const std::optional<bool> pass = judge(o, all, metric);
  c.answer(text_of(o, all, metric), object(o, all, pass));
  return pass.value_or(true) ? ir::exit_code::ok : ir::exit_code::negative;
}

const ir::registered<ir::tool> entry{ir::report<options>(
    "ir-metric", "Compare images with a reference", declare, run, ir::tool::takes::frames)};

}  // namespace
