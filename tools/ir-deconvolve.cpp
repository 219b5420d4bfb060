// ir-deconvolve: undo the blur of a known point spread function.
#include "cli/tool.hpp"
#include "stage/deconvolve.hpp"

namespace {

struct options {
  std::string method = "rl", boundary = "edge", psf_sum = "one";
  ir::deconvolve_options job;
};

void declare(ir::option_table& opt, options& o) {
  opt.describe(
      "Deconvolves the last axes of each frame with a point spread function (PSF), as many as the "
      "PSF has (or --rank says); channels and batch axes one by one. The PSF's centre is its "
      "element "
      "floor(size / 2); its transform is made once for a stream.\n\n"
      "--method rl: Richardson-Lucy, the most likely object for Poisson noise:\n\n"
      "  f <- f H'(g / H f) / H'1\n\n"
      "Light is kept, the result is never below 0, and the I-divergence from the data falls in "
      "every iteration. More iterations sharpen more, and amplify noise more: they are the "
      "regularisation. Background should be subtracted, or known to be small.\n\n"
      "--method wiener: one linear filter, for noise that is alike everywhere:\n\n"
      "  F = conj(H) G / (|H|^2 + balance |L|^2),   L = 2 - 2 cos(2 pi k / n), summed over axes\n\n"
      "It is fast (two transforms), and may ring and go below 0.\n\n"
      "Computed in f32 (f64 with --precision double), on a GPU where there is one and the work is "
      "worth it. Integer input stays what it is where the output is PNG, JPEG or PNM; elsewhere it "
      "is "
      "written as f32 unless --out-dtype says otherwise.");
  opt.group("Deconvolution");
  opt.input("--psf", ir::role::psf, "file with the PSF, 1 to 3 axes; or the stream carries one");
  opt.add("--method", o.method, "Richardson-Lucy or Wiener").choices({"rl", "wiener"});
  opt.add("--iterations", o.job.iterations, "rl: how many").metavar("N").at_least(0);
  opt.add("--start", o.job.start,
          "rl: start from the data, from their mean (flat), or from the frames of a file")
      .metavar("data|flat|FILE");
  opt.add("--balance", o.job.balance, "wiener: noise power / power of the object's Laplacian")
      .metavar("B")
      .at_least(0);
  opt.add("--boundary", o.boundary, "what the object is beyond the edges of the data")
      .choices({"circular", "zero", "edge"});
  opt.add("--psf-sum", o.psf_sum, "divide the PSF by its sum (one), or not (keep)")
      .choices({"one", "keep"});
  opt.add(
      "--divergence", o.job.divergence,
      "rl: compute the I-divergence of the last but one estimate per element (shown by -v, --json "
      "and --report)");
  opt.section(
      "Boundaries",
      "edge continues the outermost elements and is exact about it: H' is the transpose of the "
      "extension, too, and the update is divided by H'1. circular suits data that were made so. "
      "With "
      "zero nothing shines in from outside; the update is not divided by H'1 but by the PSF's "
      "sum.");
  opt.section("References",
              "W. H. Richardson, J. Opt. Soc. Am. 62 (1972) 55-59.\n\n"
              "L. B. Lucy, Astron. J. 79 (1974) 745-754.\n\n"
              "F. Orieux, J.-F. Giovannelli, T. Rodet, J. Opt. Soc. Am. A 27 (2010) 1593-1607: "
              "the Wiener filter with a Laplacian prior.");
  opt.add_example("ir-deconvolve blurred.tif --psf psf.tif --iterations 30 -o sharp.tif",
                  "The shortest way; a PSF with three axes makes the pages one volume.");
  opt.add_example(
      "ir-read blurred.tif --rank 3 | ir-deconvolve --psf psf.tif | ir-write sharp.h5:/data",
      "The same through pipes.");
  opt.add_example(
      "ir-deconvolve photo.png --psf psf2.tif --method wiener --balance 0.001 -o clear.png",
      "A photograph, back to 8 bit.");
  opt.add_example("ir-deconvolve blurred.tif --psf psf.tif --dry-run",
                  "What it would take: sizes, memory, device, seconds.");
}

ir::boundary boundary_named(const std::string& name) {
  if (name == "circular") return ir::boundary::circular;
  return name == "zero" ? ir::boundary::zero : ir::boundary::edge;
}

std::unique_ptr<ir::stage> make(const options& o) {
  using enum ir::deconvolve_options::method;
  ir::deconvolve_options job = o.job;
  job.how = o.method == "wiener" ? wiener : rl;
  job.rule = boundary_named(o.boundary);
  job.sum = o.psf_sum == "keep" ? ir::psf_sum::keep : ir::psf_sum::one;
  return ir::make_deconvolve(job);
}

const ir::registered<ir::tool> entry{
    ir::filter("ir-deconvolve", "Sharpen what a known blur made", declare, make)};

}  // namespace
