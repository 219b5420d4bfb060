// ir-denoise: remove noise from photographs, images, stacks and volumes.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "cli/tool.hpp"
#include "denoise/gaussian_smoothing.hpp"
#include "denoise/median.hpp"
#include "denoise/nlm.hpp"
#include "denoise/total_variation.hpp"
#include "stage/denoise.hpp"

namespace {

struct options {
  std::string method = "nlm";
  std::optional<std::string> sigma, sigma_per, norm, weight, boundary;
  std::optional<double> gap, fall;
  std::optional<ir::index_t> iterations, patch, search, radius;
  std::vector<double> width;
  double strength = 1;
};

void declare(ir::option_table& opt, options& o) {
  opt.describe(
      "Removes noise from each frame: an image, a colour image (channels together), or a volume "
      "with --rank 3. Integer data come back in their own type.\n\n"
      "--method nlm: non-local means. Each pixel becomes a weighted mean of those around it whose "
      "neighbourhoods look alike; keeps texture, the best of these for photographs.\n\n"
      "--method tv: total variation, the minimum of\n\n"
      "  1/2 ||x - f||^2 + weight sum |gradient of x|\n\n"
      "to a certified distance (--gap); keeps edges, flattens texture; fast.\n\n"
      "--method median: the median of a window: for dead and hot pixels, not for photographs.\n\n"
      "--method gaussian: a Gaussian blur.\n\n"
      "nlm and tv want the standard deviation of the noise in the data's unit. Without --sigma it "
      "is estimated in each frame (shown by -v, --json and --report), robustly against texture. An "
      "image that does not fit the memory is worked on in slabs.");
  opt.group("Denoising");
  opt.add("--method", o.method, "what to do").choices({"nlm", "tv", "gaussian", "median"});
  opt.add("--sigma", o.sigma,
          "nlm, tv: standard deviation of the noise in the data's unit; auto estimates it; a file "
          "has it for each pixel")
      .metavar("X|auto|FILE")
      .fallback("auto");
  opt.add("--sigma-per", o.sigma_per, "estimate the noise in each frame, or in the first for all")
      .choices({"frame", "stack"})
      .fallback("frame");
  opt.add("--strength", o.strength, "0 to 1: how much of the change to make")
      .metavar("S")
      .at_least(0);
  opt.input("--mask", ir::role::mask,
            "image that is not 0 where a pixel is no data: it has no influence, and is filled in");
  opt.add("--patch", o.patch, "nlm: width of the neighbourhoods compared, odd")
      .metavar("N")
      .at_least(1)
      .fallback("7");
  opt.add("--search", o.search, "nlm: width of the window searched, odd")
      .metavar("N")
      .at_least(1)
      .fallback("21");
  opt.add("--fall", o.fall, "nlm: weights fall as exp(-distance / (F sigma)^2)")
      .metavar("F")
      .fallback("0.7");
  opt.add("--norm", o.norm, "tv: of the gradient")
      .choices({"isotropic", "anisotropic"})
      .fallback("isotropic");
  opt.add(
         "--weight", o.weight,
         "tv: instead of the one that follows from sigma: a number; the one whose residual has the "
         "noise's variance (discrepancy); or the one of least estimated error (sure)")
      .metavar("W|discrepancy|sure");
  opt.add("--gap", o.gap, "tv: stop at this relative duality gap").metavar("G").fallback("1e-4");
  opt.add("--iterations", o.iterations, "tv: at most").metavar("N").at_least(1).fallback("2000");
  opt.add("--width", o.width,
          "gaussian: its standard deviation in pixels, one or one for each axis, slowest first")
      .metavar("W,...")
      .at_least(0)
      .fallback("1");
  opt.add("--radius", o.radius, "median: the window is 2 R + 1 wide")
      .metavar("R")
      .at_least(0)
      .fallback("1");
  opt.add("--boundary", o.boundary, "gaussian, median: what is beyond the edges of the data")
      .choices({"reflect", "edge", "zero", "circular"})
      .fallback("reflect");
  opt.section("References",
              "A. Buades, B. Coll, J.-M. Morel, Multiscale Model. Simul. 4 (2005) 490-530: "
              "non-local means.\n\n"
              "L. Rudin, S. Osher, E. Fatemi, Physica D 60 (1992) 259-268: total variation.");
  opt.add_example("ir-denoise photo.png -o clean.png", "A photograph; the noise is estimated.");
  opt.add_example("ir-denoise photo.png --method tv --sigma 12 -o flat.png",
                  "Total variation for noise that is known.");
  opt.add_example("ir-read stack.tif | ir-denoise --sigma 8 | ir-write 'out_%04d.tif'",
                  "A stack of any length through pipes, frame by frame.");
  opt.add_example("ir-denoise volume.tif --rank 3 --patch 3 --search 7 -o quiet.tif",
                  "The pages as one volume.");
  opt.add_example("ir-denoise photo.png --method median --radius 2 -o without-dust.png",
                  "Dead and hot pixels.");
}

/// What belongs to one method is refused with another.
void refuse_for_others(const options& o) {
  const struct {
    bool given;
    const char* option;
    std::vector<std::string> of;
  } rules[] = {{o.sigma.has_value(), "--sigma", {"nlm", "tv"}},
               {o.sigma_per.has_value(), "--sigma-per", {"nlm", "tv"}},
               {o.patch.has_value(), "--patch", {"nlm"}},
               {o.search.has_value(), "--search", {"nlm"}},
               {o.fall.has_value(), "--fall", {"nlm"}},
               {o.norm.has_value(), "--norm", {"tv"}},
               {o.weight.has_value(), "--weight", {"tv"}},
               {o.gap.has_value(), "--gap", {"tv"}},
               {o.iterations.has_value(), "--iterations", {"tv"}},
               {!o.width.empty(), "--width", {"gaussian"}},
               {o.radius.has_value(), "--radius", {"median"}},
               {o.boundary.has_value(), "--boundary", {"gaussian", "median"}}};
  for (const auto& r : rules)
    if (r.given && std::ranges::find(r.of, o.method) == r.of.end())
      throw ir::usage_error(
          fmt::format("{} has a meaning only with --method {}", r.option, fmt::join(r.of, " or ")));
}

std::optional<double> number(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end) return {};
  return value;
}

ir::boundary boundary_named(const std::string& name) {
  if (name == "edge") return ir::boundary::edge;
  if (name == "zero") return ir::boundary::zero;
  return name == "circular" ? ir::boundary::circular : ir::boundary::reflect;
}

std::unique_ptr<ir::denoiser> total_variation(const options& o) {
  ir::tv_options tv;
  if (o.norm == "anisotropic") tv.kind = ir::tv_kind::anisotropic;
  if (o.weight == "discrepancy") {
    tv.rule = ir::tv_rule::discrepancy;
  } else if (o.weight == "sure") {
    tv.rule = ir::tv_rule::sure;
  } else if (o.weight) {
    tv.weight = number(*o.weight);
    if (!tv.weight)
      throw ir::usage_error(fmt::format("--weight {}: a number, discrepancy or sure", *o.weight));
  }
  tv.gap = o.gap.value_or(tv.gap);
  tv.iterations = o.iterations.value_or(tv.iterations);
  return ir::make_total_variation(tv);
}

std::unique_ptr<ir::denoiser> method(const options& o) {
  const ir::boundary rule = boundary_named(o.boundary.value_or("reflect"));
  if (o.method == "tv") return total_variation(o);
  if (o.method == "gaussian") {
    ir::gaussian_options g;
    if (!o.width.empty()) g.width = o.width;
    g.rule = rule;
    return ir::make_gaussian_smoothing(g);
  }
  if (o.method == "median") {
    ir::median_options m;
    m.radius = o.radius.value_or(1);
    m.rule = rule;
    return ir::make_median(m);
  }
  ir::nlm_options n;
  n.patch = o.patch.value_or(n.patch);
  n.search = o.search.value_or(n.search);
  n.strength = o.fall.value_or(n.strength);
  return ir::make_nlm(n);
}

std::unique_ptr<ir::stage> make(const options& o) {
  refuse_for_others(o);
  ir::denoise_options job;
  job.strength = o.strength;
  // A weight of its own makes total variation independent of the noise.
  job.needs_sigma = o.method == "nlm" || (o.method == "tv" && (!o.weight || !number(*o.weight)));
  if (o.sigma && *o.sigma != "auto") {
    job.sigma = number(*o.sigma);
    if (!job.sigma) job.sigma_file = *o.sigma;
  }
  if (o.sigma_per == "stack") job.estimate = ir::denoise_options::per::stack;
  return ir::make_denoise(method(o), job);
}

const ir::registered<ir::tool> entry{
    ir::filter("ir-denoise", "Remove noise from images, stacks and volumes", declare, make)};

}  // namespace
