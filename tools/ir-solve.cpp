// ir-solve: any linear inverse problem.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "cli/tool.hpp"
#include "core/error.hpp"
#include "io/metadata.hpp"
#include "io/text_file.hpp"
#include "solver/problem.hpp"
#include "stage/solve.hpp"

namespace {

struct options {
  ir::solve_options solve;
  std::string fidelity = "l2", bounds, weight, problem;
  ir::index_t iterations = 500;
  double tolerance = 1e-5;
  std::optional<double> gap, kkt, stagnation, seconds;
  const ir::option_table* table = nullptr;
};

std::vector<std::string> solver_names() {
  std::vector<std::string> names{"auto"};
  for (const ir::algorithm a : ir::all_algorithms()) names.emplace_back(name_of(a));
  return names;
}

void declare(ir::option_table& t, options& o) {
  o.table = &t;
  t.describe(
      "Finds the image x that data y = A x + noise came from:\n\n"
      "    minimise  fidelity(A x, y) + sum of regularisers(x),  LOW <= x <= HIGH\n\n"
      "A (-A) and the regularisers (--reg, each with its weight before it) are told in the "
      "language "
      "of ir-expr(7). The fidelity follows from the noise: l2 is half the sum of squares of A x - "
      "y, wl2:W that with weights W = 1 / variance (one, or one for each row of A; wl2:@FILE, or "
      "wl2:@FILE,@FILE for the rows: one for "
      "each datum, 0 where it is missing), l1 and "
      "huber:DELTA bear outliers, kl and kl:BACKGROUND are the likelihood of Poisson counts.\n\n"
      "Every frame is solved by itself. An operator with several rows, [A; B], takes a datum for "
      "each: as many files as it has rows, in their order, each of its own size (frame k of all of "
      "them is one problem), what ir-apply gave (a pipe, .irs or .h5), or as many frames of one "
      "stack in a row. Frames are images, with their "
      "channels, or volumes (--rank 3). The size of x follows from A and the data, or from "
      "--domain where several would fit.\n\n"
      "The algorithm is chosen from the problem (--explain prints it, and every constant with its "
      "origin), its step sizes come from certified bounds of norms. It ends when the relative "
      "change of x in an iteration falls below --tolerance, or after --iterations; -v and --json "
      "tell which. --weight auto needs no weight: it finds the least regulariser under "
      "||A x - y|| <= sqrt(number of data) SIGMA, the discrepancy principle, in the same one "
      "solve; rows may have a SIGMA each. Without a regulariser --until-noise ends cg, sirt or "
      "mlem "
      "in time.\n\n"
      "--checkpoint FILE keeps the state, every so many iterations and when a signal ends the run; "
      "of a stack FILE.solved keeps the solutions before. With --resume the same command "
      "goes on from there, and gives the same bytes as an uninterrupted run. Without it they are "
      "begun anew; files that are no checkpoints are never replaced.");
  t.add("-A,--operator", o.solve.expression, "the operator, as in ir-expr(7)").metavar("EXPR");
  t.add("--fidelity", o.fidelity, "l2, wl2:W,W, wl2:@FILE, l1, huber:DELTA, kl or kl:BACKGROUND")
      .metavar("F");
  t.add("--reg", o.solve.regularisers, "a regulariser with its weight, as in ir-expr(7)")
      .repeatable()
      .metavar("'W*EXPR'");
  t.add("--bounds", o.bounds, "LOW:HIGH of x, one of them may be absent, or nonneg")
      .metavar("LOW:HIGH");
  t.add("--weight", o.weight, "auto: by the discrepancy principle, with --sigma").choices({"auto"});
  t.add("--sigma", o.solve.sigma,
        "standard deviation of the noise, in the data's units; one, or one for each row of A")
      .positive()
      .metavar("S,S");
  t.add("--problem", o.problem,
        "a JSON object with any of operator, fidelity, reg (a list), bounds, weight, sigma (a "
        "list), "
        "domain (a list), init, solver; options win")
      .file()
      .metavar("FILE");
  t.add("--solver", o.solve.solver, "the algorithm").choices(solver_names());
  t.add("--domain", o.solve.domain, "extents of x, where they do not follow from the data")
      .metavar("N,N");
  t.add("--init", o.solve.init, "where to start, instead of 0").file().metavar("FILE");
  t.add("--iterations", o.iterations, "at most so many").at_least(1).metavar("N");
  t.add("--tolerance", o.tolerance,
        "relative change of x to end at (cg: relative residual); 0: never")
      .at_least(0)
      .metavar("T");
  t.add("--gap", o.gap, "end at this relative duality gap, where the algorithm tells it")
      .positive()
      .metavar("T");
  t.add("--kkt", o.kkt, "end at this relative residual of the optimality conditions")
      .positive()
      .metavar("T");
  t.add("--stagnation", o.stagnation, "end when the objective moves by less, relative")
      .positive()
      .metavar("T");
  t.add(
      "--until-noise", o.solve.until_noise,
      "end when ||A x - y|| <= sqrt(number of data) SIGMA, with --sigma: before x fits the noise");
  t.add("--fail-unconverged", o.solve.fail_unconverged,
        "exit with 1 where a solution ends by --iterations or --seconds");
  t.add("--seconds", o.seconds, "end after this time").positive().metavar("S");
  t.add("--checkpoint", o.solve.checkpoint, "keep the state here").file().metavar("FILE");
  t.add("--checkpoint-every", o.solve.checkpoint_every, "iterations from one to the next")
      .at_least(1)
      .metavar("N");
  t.add("--resume", o.solve.resume, "go on from --checkpoint, if it is there");
  t.add("--explain", o.solve.explain, "tell the class of the problem, every constant, why");
  t.add("--history", o.solve.history, "what every iteration told, as JSON").file().metavar("FILE");
  t.add("--plot", o.solve.plot, "the objective over the iterations, as SVG").file().metavar("FILE");
  t.add_example(
      "ir-solve blurred.tif --rank 2 -A 'blur(gaussian(1.5))' --reg '0.01*tv' -o sharp.tif",
      "Deblurring with total variation.");
  t.add_example(
      "ir-solve small.tif -A 'downsample(2) * blur(gaussian(1))' --domain 40,48 --reg '0.1*tv' "
      "--bounds 0:255 -o high.tif",
      "Twice as many pixels, with bounds.");
  t.add_example(
      "ir-solve small.tif noisy.tif -A '[downsample(2); identity]' "
      "--fidelity wl2:0.1,0.01 --reg '0.1*tv' -o both.tif",
      "Two pictures of one object, of different size and noise.");
}

std::array<double, 2> parse_bounds(const std::string& text) {
  constexpr double all = std::numeric_limits<double>::infinity();
  if (text == "nonneg") return {0, all};
  const std::size_t colon = text.find(':');
  const auto value = [&](std::string_view part, double otherwise) {
    if (part.empty()) return otherwise;
    double v = 0;
    const auto [end, bad] = std::from_chars(part.data(), part.data() + part.size(), v);
    if (bad != std::errc{} || end != part.data() + part.size())
      throw ir::usage_error(fmt::format("--bounds {}: LOW:HIGH or nonneg is expected", text));
    return v;
  };
  if (colon == std::string::npos)
    throw ir::usage_error(fmt::format("--bounds {}: LOW:HIGH or nonneg is expected", text));
  const std::array<double, 2> out{value(std::string_view(text).substr(0, colon), -all),
                                  value(std::string_view(text).substr(colon + 1), all)};
  if (!(out[0] < out[1]))
    throw ir::usage_error(fmt::format("--bounds {}: there is nothing between them", text));
  return out;
}

ir::metadata_ptr json_in(const std::string& path) {
  try {
    return ir::metadata::parse(ir::read_text_file(path));
  } catch (const ir::data_error& e) {
    throw ir::data_error(fmt::format("{}: {}", path, e.what()), e.at);
  }
}

/// What --problem tells and the command line does not.
void read_problem(options& o) {
  const ir::metadata_ptr p = json_in(o.problem);
  const auto given = [&](const char* flag) { return o.table->given(flag); };
  const auto wrong = [&](const std::string& key, const char* what) {
    return ir::data_error(fmt::format("{}: \"{}\" is {}", o.problem, key, what));
  };
  const auto text = [&](const std::string& key, const char* flag, std::string& to) {
    const auto value = p->text(key);
    if (!value) throw wrong(key, "a text");
    if (!given(flag)) to = *value;
  };
  for (const std::string& key : p->keys()) {
    if (key == "operator") {
      text(key, "--operator", o.solve.expression);
    } else if (key == "fidelity") {
      text(key, "--fidelity", o.fidelity);
    } else if (key == "bounds") {
      text(key, "--bounds", o.bounds);
    } else if (key == "solver") {
      text(key, "--solver", o.solve.solver);
    } else if (key == "init") {
      text(key, "--init", o.solve.init);
    } else if (key == "weight") {
      text(key, "--weight", o.weight);
      if (o.weight != "auto") throw wrong(key, "\"auto\", or absent");
    } else if (key == "sigma") {
      const auto sigma = p->numbers(key);
      if (!sigma || sigma->empty() || !std::ranges::all_of(*sigma, [](double v) { return v > 0; }))
        throw wrong(key, "a list of numbers above 0");
      if (!given("--sigma")) o.solve.sigma = *sigma;
    } else if (key == "reg") {
      if (p->texts(key).empty()) throw wrong(key, "a list of texts");
      if (!given("--reg")) o.solve.regularisers = p->texts(key);
    } else if (key == "domain") {
      const auto n = p->numbers(key);
      if (!n || n->empty() || n->size() > 8 ||
          !std::ranges::all_of(*n, [](double v) { return v >= 1 && v == std::floor(v); }))
        throw wrong(key, "a list of extents");
      if (!given("--domain"))
        o.solve.domain = ir::shape(std::vector<ir::index_t>(n->begin(), n->end()));
    } else {
      throw wrong(
          key, "not known: operator, fidelity, reg, bounds, weight, sigma, domain, init, solver");
    }
  }
}

std::unique_ptr<ir::stage> make(const options& given) {
  options o = given;
  if (!o.problem.empty()) read_problem(o);
  ir::solve_options s = o.solve;
  if (s.expression.empty())
    throw ir::usage_error("an operator is needed: -A EXPR, or --problem FILE");
  s.fidelity = ir::parse_fidelity(o.fidelity);
  if (!o.bounds.empty()) s.bounds = parse_bounds(o.bounds);
  s.discrepancy = o.weight == "auto";
  if (!s.sigma.empty() && !s.discrepancy && !s.until_noise)
    throw ir::usage_error(
        "--sigma is for --weight auto and --until-noise; weights of l2 are --fidelity wl2:W");
  s.rule.iterations = o.iterations;
  if (o.tolerance > 0) s.rule.change = o.tolerance;
  s.rule.gap = o.gap;
  s.rule.kkt = o.kkt;
  s.rule.stagnation = o.stagnation;
  s.rule.seconds = o.seconds;
  s.replace = o.table->given("--force");
  return ir::make_solve(s);
}

const ir::registered<ir::tool> entry{
    ir::filter<options>("ir-solve", "Solve a linear inverse problem", declare, make)};

}  // namespace
