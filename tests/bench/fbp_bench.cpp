// Filtered backprojection of a stack of slices, filter and layout included, and of one slice:
// the least CPU time of several rounds, in 1e9 updates (pixels times views) a second.
//
// All slices are the modified Shepp-Logan phantom; "rmse" is the error in the disc of radius n/2
// - 2.
//
//   fbp_bench [slices n views [rounds [folder]]]     default 32 512 720 5
//
// With a folder, one sinogram and the phantom are written there as sinogram.f32 and phantom.f32.
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

#include "bench/clock.hpp"
#include "core/isa.hpp"
#include "core/parallel.hpp"
#include "tomo/ellipse_phantom.hpp"
#include "tomo/fbp.hpp"

namespace {

void write(const std::string& path, const std::vector<double>& values) {
  const std::vector<float> v(values.begin(), values.end());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(v.data()),
             static_cast<std::streamsize>(v.size() * sizeof(float)));
}

double error_in_disc(const std::vector<float>& slice, const std::vector<double>& truth,
                     ir::index_t n) {
  double sum = 0, count = 0;
  const double middle = 0.5 * static_cast<double>(n - 1), radius = 0.5 * static_cast<double>(n) - 2;
  for (ir::index_t k = 0; k < n * n; ++k) {
    const double y = static_cast<double>(k / n) - middle, x = static_cast<double>(k % n) - middle;
    const double e = slice[static_cast<std::size_t>(k)] - truth[static_cast<std::size_t>(k)];
    if (std::hypot(y, x) > radius) continue;
    sum += e * e;
    ++count;
  }
  return std::sqrt(sum / count);
}

}  // namespace

int main(int argc, char** argv) {
  using ir::index_t;
  const auto number = [&](int i, index_t otherwise) {
    return argc > i ? static_cast<index_t>(std::atoll(argv[i])) : otherwise;
  };
  const index_t slices = number(1, 32), n = number(2, 512), views = number(3, 720);
  const index_t rounds = number(4, 5);
  const auto geometry = ir::whole_slice(ir::even_angles(views, 0, std::numbers::pi), n,
                                        0.5 * static_cast<double>(n - 1));
  const ir::shape in{slices, views, n}, out{slices, n, n};
  const auto phantom = ir::modified_shepp_logan(0.5 * static_cast<double>(n));
  std::vector<double> sinogram(static_cast<std::size_t>(views * n));
  std::vector<double> truth(static_cast<std::size_t>(n * n));
  ir::project(phantom, geometry, sinogram);
  ir::draw(phantom, geometry, 8, truth);
  if (argc > 5) {
    write(std::string(argv[5]) + "/sinogram.f32", sinogram);
    write(std::string(argv[5]) + "/phantom.f32", truth);
  }
  std::vector<float> sinograms;
  for (index_t i = 0; i < slices; ++i)
    sinograms.insert(sinograms.end(), sinogram.begin(), sinogram.end());
  std::vector<float> result(static_cast<std::size_t>(out.count()));
  ir::queue q;
  const ir::fbp whole(q, geometry, {}, ir::precision::f32);
  const ir::fbp plain(q, geometry, {.window = ir::ramp_window::none}, ir::precision::f32);

  const auto run = [&](const ir::fbp& f, index_t count) {
    f.apply(q, ir::cref(sinograms.data(), ir::dtype::f32, {count, views, n}),
            ir::ref(result.data(), ir::dtype::f32, {count, n, n}));
  };
  ir::bench::least stack, unfiltered, one;
  for (index_t round = 0; round < rounds; ++round) {
    stack.measure([&] { run(whole, slices); });
    unfiltered.measure([&] { run(plain, slices); });
    one.measure([&] { run(whole, 1); });
  }

  // Two loads of 64 bytes for 16 updates, one load a cycle, at 3.7 GHz.
  constexpr double bound = 29.6;
  const double updates = 1e-9 * static_cast<double>(n * n * views);
  const double gups = updates * static_cast<double>(slices) / stack.seconds;
  fmt::print(
      "{{\"bench\": \"fbp\", \"device\": \"cpu\", \"isa\": \"{}\", \"threads\": {}, \"slices\": "
      "{}, "
      "\"size\": {}, \"views\": {}, \"cpu_seconds\": {:.4f}, \"gups\": {:.2f}, "
      "\"gups_backprojection\": {:.2f}, \"bound\": {}, \"of_bound\": {:.2f}, "
      "\"one_slice_seconds\": {:.4f}, \"one_slice_gups\": {:.2f}, \"rmse\": {:.5f}}}\n",
      ir::name_of(ir::isa_level()), ir::threads(), slices, n, views, stack.seconds, gups,
      updates * static_cast<double>(slices) / unfiltered.seconds, bound, gups / bound, one.seconds,
      updates / one.seconds, error_in_disc(result, truth, n));
}
