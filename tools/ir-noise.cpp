// ir-noise: Gaussian and Poisson noise, repeatable.
#include "cli/tool.hpp"
#include "stage/noise.hpp"

namespace {

using options = ir::noise_options;

void declare(ir::option_table& t, options& o) {
  t.describe(
      "Makes a measurement of a noise-free image, pixel by pixel:\n\n"
      "y = x + S n with n standard normal (--sigma S), y = Poisson(G x) / G (--poisson, with G "
      "counts "
      "for each unit of the data), or y = Poisson(G x) / G + S n, photon noise and then read "
      "noise, "
      "with both. Its mean is x, its variance x / G + S^2. Nothing is clipped or rounded: an "
      "output "
      "of integers clamps, and says so.\n\n"
      "The random numbers of a pixel follow from --seed, the number of its frame and its place in "
      "the "
      "frame alone: the result is the same for any number of threads, any tiling, in a pipe or "
      "from a "
      "file. Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011); normal deviates by Box, Muller "
      "(Ann. Math. Statist. 29 (1958) 610-611); Poisson deviates by inversion below a mean of 10, "
      "else "
      "by transformed rejection (W. Hoermann, Insurance: Mathematics and Economics 12 (1993) "
      "39-45).");
  t.add("--sigma", o.sigma, "standard deviation of Gaussian noise, in the data's units")
      .at_least(0)
      .metavar("S");
  t.add("--poisson", o.poisson, "photon noise; the data are means, so none may be negative");
  t.add("--gain", o.gain, "counts for each unit of the data, with --poisson")
      .positive()
      .metavar("G");
  t.add_example("ir-noise clean.tif --sigma 10 --seed 1 -o measured.tif", "Read noise.");
  t.add_example("ir-noise clean.tif --poisson --gain 0.1 --sigma 2 -o photons.tif",
                "Ten grey levels a photon, and read noise of two grey levels.");
  t.add_example("ir-phantom shepp-logan --size 64,64 | ir-noise --sigma 0.05 -o noisy_head.tif",
                "In a pipe.");
}

std::unique_ptr<ir::stage> make(const options& o) { return ir::make_noise(o); }

const ir::registered<ir::tool> entry{
    ir::filter<options>("ir-noise", "Add Gaussian and Poisson noise", declare, make)};

}  // namespace
