// Filtered backprojection of a stack of slices, filter and layout included, and of one slice:
// the least CPU time of several rounds, in 1e9 updates (pixels times views) a second.
//
//   fbp_bench [slices n views [rounds]]     default 32 512 720 5
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <vector>

#include "bench/clock.hpp"
#include "core/isa.hpp"
#include "core/parallel.hpp"
#include "tomo/fbp.hpp"

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
  std::vector<float> sinograms(static_cast<std::size_t>(in.count()));
  for (std::size_t i = 0; i < sinograms.size(); ++i)
    sinograms[i] = std::sin(0.01F * static_cast<float>(i % 5000));
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
      "\"one_slice_seconds\": {:.4f}, \"one_slice_gups\": {:.2f}}}\n",
      ir::name_of(ir::isa_level()), ir::threads(), slices, n, views, stack.seconds, gups,
      updates * static_cast<double>(slices) / unfiltered.seconds, bound, gups / bound, one.seconds,
      updates / one.seconds);
}
