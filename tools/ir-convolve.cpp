// ir-convolve: blur images and volumes with a point spread function.
#include "cli/tool.hpp"
#include "stage/convolve.hpp"

namespace {

struct options {
  std::vector<double> gaussian;
  std::string boundary = "edge", psf_sum = "one";
};

void declare(ir::option_table& opt, options& o) {
  opt.describe(
      "Convolves the last axes of each frame with a point spread function (PSF), as many as the "
      "PSF has; channels and batch axes one by one:\n\n"
      "  y[i] = sum_j h[j] x[i - j + c],   c = floor(size of h / 2) on each axis\n\n"
      "It is a true convolution by FFTs in f32 (f64 with --precision double); the PSF is made once "
      "for a stream and divided by its sum.\n\n"
      "A frame that does not fit --memory is worked on in slabs along its slowest axis, with the "
      "same result; from a pipe it is kept in one temporary file for that.");
  opt.group("Blur");
  opt.input("--psf", ir::role::psf, "file with the PSF, 1 to 3 axes; or the stream carries one");
  opt.add(
         "--gaussian", o.gaussian,
         "Gaussian PSF instead: standard deviation in pixels, one or one for each axis; integrated "
         "over each pixel, cut at 4 of them")
      .metavar("SIGMA")
      .at_least(0);
  opt.add("--boundary", o.boundary, "what the data are beyond their edges")
      .choices({"circular", "zero", "reflect", "edge"});
  opt.add("--psf-sum", o.psf_sum, "divide the PSF by its sum (one), or not (keep)")
      .choices({"one", "keep"});
  opt.section("Boundaries",
              "circular: the data again; zero: nothing; reflect: mirrored at the edge, a b c | c b "
              "a; edge: the outermost element.");
  opt.section("References",
              "A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, Prentice Hall "
              "(1989): convolution through discrete Fourier transforms, overlap-save.");
  opt.add_example("ir-convolve photo.png --gaussian 2 -o soft.png", "Blur a photograph.");
  opt.add_example(
      "ir-read volume.tif --rank 3 | ir-convolve --psf psf.tif --boundary zero | ir-write "
      "blurred.h5:/data",
      "What a microscope makes of an object.");
  opt.add_example("ir-convolve volume.tif --rank 3 --gaussian 1,2,2 -o smooth.npy",
                  "Another width along z than along y and x.");
}

ir::boundary boundary_named(const std::string& name) {
  using enum ir::boundary;
  for (const ir::boundary b : {circular, zero, reflect})
    if (name == ir::name_of(b)) return b;
  return edge;
}

std::unique_ptr<ir::stage> make(const options& o) {
  return ir::make_convolve({boundary_named(o.boundary),
                            o.psf_sum == "keep" ? ir::psf_sum::keep : ir::psf_sum::one,
                            o.gaussian});
}

const ir::registered<ir::tool> entry{
    ir::filter("ir-convolve", "Blur images and volumes", declare, make)};

}  // namespace
