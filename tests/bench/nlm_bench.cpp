// Non-local means of noise on a picture of waves: nanoseconds per pixel and shift (half the window:
// 220 for a search of 21), the least CPU time of some rounds.
//
//   nlm_bench [rounds [case]]     default 3, all cases
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "bench/clock.hpp"
#include "core/isa.hpp"
#include "core/parallel.hpp"
#include "core/random.hpp"
#include "denoise/nlm.hpp"

namespace {

using ir::index_t;

struct job {
  const char* name;
  ir::shape image;
  ir::nlm_options how;
  bool masked = false;
};

void measure(const job& j, index_t rounds) {
  constexpr double sigma = 25;
  ir::queue q;
  ir::array noisy(q, ir::dtype::f32, j.image), result(q, ir::dtype::f32, j.image);
  auto* const values = static_cast<float*>(noisy.get().data);
  for (index_t i = 0; i < j.image.count(); ++i)
    values[i] = 128 + 60 * std::sin(0.0137F * static_cast<float>(i % 7919));
  ir::add_gaussian(q, {.seed = 1}, sigma, noisy.get());
  const ir::shape channel(j.image.extents().subspan(1));
  std::vector<std::uint8_t> valid(static_cast<std::size_t>(channel.count()), 1);
  ir::noisy_image in{noisy.get(), sigma, {}, {}};
  if (j.masked) in.valid = ir::cref(valid.data(), ir::dtype::u8, channel);
  const auto denoiser = ir::make_nlm(j.how);

  ir::bench::least time;
  for (index_t round = 0; round < rounds; ++round)
    time.measure([&] { denoiser->apply(q, in, result.get()); });

  const double shifts = (std::pow(static_cast<double>(j.how.search), channel.rank()) - 1) / 2;
  fmt::print(
      "{{\"bench\": \"nlm\", \"case\": \"{}\", \"device\": \"cpu\", \"isa\": \"{}\", \"threads\": "
      "{}, "
      "\"size\": \"{}\", \"patch\": {}, \"search\": {}, \"cpu_seconds\": {:.4f}, "
      "\"ns_per_pixel_and_shift\": {:.3f}}}\n",
      j.name, ir::name_of(ir::isa_level()), ir::threads(), to_string(j.image), j.how.patch,
      j.how.search, time.seconds,
      1e9 * time.seconds / static_cast<double>(channel.count()) / shifts);
}

}  // namespace

int main(int argc, char** argv) {
  const index_t rounds = argc > 1 ? std::atoll(argv[1]) : 3;
  const std::string_view only = argc > 2 ? argv[2] : "";
  const job all[] = {{"gray", {1, 1000, 1000}, {.patch = 7, .search = 21}},
                     {"gray, small", {1, 1000, 1000}, {.patch = 5, .search = 11}},
                     {"gray, any patch", {1, 1000, 1000}, {.patch = 9, .search = 21}},
                     {"gray, masked", {1, 1000, 1000}, {.patch = 7, .search = 21}, true},
                     {"colour, 12 MP", {3, 3000, 4000}, {.patch = 5, .search = 11}},
                     {"volume", {1, 64, 128, 128}, {.patch = 3, .search = 7}}};
  for (const job& j : all)
    if (only.empty() || only == j.name) measure(j, rounds);
}
