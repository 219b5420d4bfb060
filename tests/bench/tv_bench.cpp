// Total variation denoising: CPU seconds, iterations, gap and objective of one image.
//
//   tv_bench - [WEIGHT [GAP [ROUNDS [OUT.f32 [anisotropic]]]]]    a synthetic 1024x1024 image
//   tv_bench C,Y,X:FILE.f32 [WEIGHT ...]                          raw float32 samples
#include <fmt/core.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "bench/clock.hpp"
#include "core/isa.hpp"
#include "core/parallel.hpp"
#include "denoise/total_variation.hpp"

namespace {

using ir::index_t;

struct picture {
  ir::shape n{1, 1024, 1024};
  std::vector<float> values;
};

// Steps, ramps and noise.
picture synthetic() {
  picture p;
  std::mt19937 bits(1);
  std::normal_distribution<float> noise(0, 25);
  for (index_t y = 0; y < 1024; ++y)
    for (index_t x = 0; x < 1024; ++x) {
      const bool inside = (x - 500) * (x - 500) + (y - 400) * (y - 400) < 90000;
      const auto ramp = static_cast<float>((x * y) % 256) / 4;
      p.values.push_back((inside ? 180.0F : 60.0F) + ramp + noise(bits));
    }
  return p;
}

picture read_raw(const std::string& spec) {
  picture p;
  const auto colon = spec.find(':');
  index_t c = 1, y = 1, x = 1;
  if (std::sscanf(spec.c_str(), "%ld,%ld,%ld", &c, &y, &x) != 3) std::exit(2);
  p.n = ir::shape{c, y, x};
  p.values.resize(static_cast<std::size_t>(c * y * x));
  std::ifstream in(spec.substr(colon + 1), std::ios::binary);
  in.read(reinterpret_cast<char*>(p.values.data()),
          static_cast<std::streamsize>(p.values.size() * sizeof(float)));
  if (!in) {
    fmt::print(stderr, "tv_bench: {}: too short\n", spec);
    std::exit(65);
  }
  return p;
}

struct facts final : ir::listener {
  void progress(std::string_view, index_t, index_t) override {}
  void fact(std::string_view name, double value) override {
    if (name == "gap") gap = value;
    if (name == "iterations") iterations = value;
  }
  double gap = 0, iterations = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string source = argc > 1 ? argv[1] : "-";
  const picture p = source == "-" ? synthetic() : read_raw(source);
  const double weight = argc > 2 ? std::atof(argv[2]) : 20,
               gap = argc > 3 ? std::atof(argv[3]) : 1e-4;
  const int rounds = argc > 4 ? std::atoi(argv[4]) : 5;
  ir::queue q;
  const auto heard = std::make_shared<facts>();
  q.listen(heard);
  const auto tv = ir::make_total_variation(
      {.kind = argc > 6 ? ir::tv_kind::anisotropic : ir::tv_kind::isotropic,
       .weight = weight,
       .gap = gap});
  std::vector<float> x(p.values.size());
  const ir::noisy_image in{{p.values.data(), ir::dtype::f32, p.n}, weight, {}, {}};
  ir::bench::least time;
  for (int round = 0; round < rounds; ++round)
    time.measure([&] { tv->apply(q, in, {x.data(), ir::dtype::f32, p.n}); });
  if (argc > 5)
    std::ofstream(argv[5], std::ios::binary)
        .write(reinterpret_cast<const char*>(x.data()),
               static_cast<std::streamsize>(x.size() * sizeof(float)));
  const double values = static_cast<double>(x.size());
  fmt::print(
      "{{\"bench\": \"tv\", \"device\": \"cpu\", \"isa\": \"{}\", \"threads\": {}, \"size\": "
      "\"{}\", \"weight\": {:g}, \"gap\": {:.3e}, \"iterations\": {}, \"cpu_seconds\": {:.4f}, "
      "\"ns_a_value_and_iteration\": {:.3f}}}\n",
      ir::name_of(ir::isa_level()), ir::threads(), to_string(p.n), weight, heard->gap,
      heard->iterations, time.seconds, 1e9 * time.seconds / values / heard->iterations);
}
