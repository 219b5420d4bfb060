// ir-phantom: test objects and point spread functions.
#include "cli/tool.hpp"
#include "stage/phantom.hpp"

namespace {

struct options {
  std::string kind;
  std::optional<ir::shape> size;
  ir::index_t frames = 1;
  // Of one kind each.
  std::optional<std::string> contrast;
  std::optional<ir::index_t> count;
  std::optional<double> value, background;
  std::vector<double> radius, sigma;
};

void declare(ir::option_table& t, options& o) {
  t.describe(
      "Makes images and volumes of which everything is known, each pixel the mean of the object "
      "over "
      "the pixel's area or volume, so that sums are integrals and edges are free of steps. Pixel k "
      "has its centre at k; axes are (z, y, x).\n\n"
      "shepp-logan: the head phantom on [-1, 1]^d, which is the frame from edge to edge, x to the "
      "right and y up. In 2-D ten ellipses (Shepp, Logan, IEEE Trans. Nucl. Sci. 21 (1974) 21-43), "
      "in "
      "3-D ten ellipsoids (Kak, Slaney, Principles of Computerized Tomographic Imaging, 1988, p. "
      "102). Modified contrast: P. Toft, The Radon Transform (thesis, DTU 1996); in 3-D Yu, Ye, "
      "Wang, "
      "Proc. SPIE 5535 (2004) 192-200.\n\n"
      "beads: B + V times the share of the pixel inside each of N balls of radius R, with centres "
      "uniform over all places (also between pixels) where the ball is inside the frame; "
      "overlapping "
      "balls add. Sum = B pixels + N V (area or volume of a ball). Every frame has its own.\n\n"
      "gaussian: a point spread function, exp(-r^2 / (2 sigma^2)) integrated over each pixel, with "
      "sum "
      "1 and its centre at floor(n / 2); --psf <(ir-phantom gaussian --sigma 2) hands it to "
      "another "
      "tool. sigma 0 is a delta.\n\n"
      "constant: V everywhere.\n\n"
      "2-D areas are exact to rounding. Volumes are exact in the sum over all voxels; of a voxel "
      "that "
      "the surface cuts the share has an error of 5e-5 on average and 3e-3 at most.");
  t.add("KIND", o.kind, "what to make")
      .choices({"shepp-logan", "beads", "gaussian", "constant"})
      .required();
  t.add(
       "--size", o.size,
       "extents, slowest first: 256,256 or 64,128,128; a gaussian is 2 ceil(4 sigma) + 1 by itself")
      .metavar("N,N");
  t.add("--frames", o.frames, "number of frames").at_least(1).metavar("N");
  t.group("Shepp-Logan");
  t.add("--contrast", o.contrast, "grey levels: modified for the eye, or original")
      .choices({"modified", "original"})
      .fallback("modified");
  t.group("Beads and constant");
  t.add("--count", o.count, "beads in a frame").at_least(0).fallback("10");
  t.add("--radius", o.radius, "of a bead in pixels: one number, or one for each axis")
      .positive()
      .fallback("2");
  t.add("--value", o.value, "of a bead, or of a constant").fallback("1");
  t.add("--background", o.background, "between beads").fallback("0");
  t.group("Gaussian");
  t.add("--sigma", o.sigma,
        "standard deviation in pixels: one number (2-D, or the extents of --size), or one for each "
        "axis")
      .at_least(0);
  t.add_example("ir-phantom shepp-logan --size 256,256 -o head.tif", "The head phantom.");
  t.add_example("ir-phantom shepp-logan --size 32,48,48 --contrast original -o head.h5",
                "In three dimensions, with the grey levels of a real head.");
  t.add_example("ir-phantom beads --size 16,64,64 --count 20 --radius 1,2,2 --seed 7 -o beads.tif",
                "A volume of twenty beads, flattened along z.");
  t.add_example("ir-phantom gaussian --sigma 1.5 -o gauss.tif", "A point spread function.");
}

using subject = ir::phantom_options::subject;

subject subject_named(const std::string& name) {
  if (name == "shepp-logan") return subject::shepp_logan;
  if (name == "beads") return subject::beads;
  return name == "gaussian" ? subject::gaussian : subject::constant;
}

/// No option is accepted and then ignored.
void refuse_foreign_options(const options& o, subject what) {
  const auto belongs = [&](bool given, const char* option, std::initializer_list<subject> to) {
    if (given && std::find(to.begin(), to.end(), what) == to.end())
      throw ir::usage_error(std::string(option) + " has no meaning for " + o.kind);
  };
  belongs(o.contrast.has_value(), "--contrast", {subject::shepp_logan});
  belongs(o.count.has_value(), "--count", {subject::beads});
  belongs(!o.radius.empty(), "--radius", {subject::beads});
  belongs(o.value.has_value(), "--value", {subject::beads, subject::constant});
  belongs(o.background.has_value(), "--background", {subject::beads});
  belongs(!o.sigma.empty(), "--sigma", {subject::gaussian});
}

std::unique_ptr<ir::stage> make(const options& o) {
  ir::phantom_options p;
  p.what = subject_named(o.kind);
  refuse_foreign_options(o, p.what);
  p.size = o.size;
  p.frames = o.frames;
  if (o.contrast == "original") p.grey = ir::phantom_options::contrast::original;
  p.count = o.count.value_or(p.count);
  if (!o.radius.empty()) p.radius = o.radius;
  p.sigma = o.sigma;
  p.value = o.value.value_or(p.value);
  p.background = o.background.value_or(p.background);
  return ir::make_phantom(p);
}

const ir::registered<ir::tool> entry{ir::generator<options>(
    "ir-phantom", "Make test images, volumes and point spread functions", declare, make)};

}  // namespace
