// Medians and Gaussian smoothing of an image: the least CPU time of several runs, in nanoseconds a
// pixel.
//
//   filter_bench [ny nx [rounds]]     default 1024 1024 3
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

#include "bench/clock.hpp"
#include "core/isa.hpp"
#include "core/parallel.hpp"
#include "denoise/gaussian_smoothing.hpp"
#include "denoise/median.hpp"

namespace {

using ir::dtype;
using ir::index_t;

// Waves of several lengths with noise, over most of the type's values.
ir::array picture(ir::queue& q, const ir::shape& n, dtype type) {
  const double most = ir::is_integer(type) ? ir::range_of(type).high : 1;
  std::mt19937 bits(1);
  std::normal_distribution<double> noise(0, 0.05);
  std::vector<double> v;
  for (index_t j = 0; j < n[1]; ++j)
    for (index_t i = 0; i < n[2]; ++i) {
      const auto y = static_cast<double>(j), x = static_cast<double>(i);
      v.push_back(most * (0.5 + 0.2 * std::sin(x / 60 + y / 90) +
                          0.15 * std::cos(x / 13) * std::sin(y / 17) + noise(bits)));
    }
  ir::array a(q, type, n);
  copy(q, ir::cref(v.data(), dtype::f64, n), a.get());
  return a;
}

void measure(ir::queue& q, const char* method, const char* parameter, double value,
             const ir::denoiser& d, const ir::shape& n, dtype type, index_t rounds) {
  const ir::array from = picture(q, n, type);
  ir::array to(q, type, n);
  q.reserve(d.scratch_bytes(n, type, q.where()));
  ir::bench::least time;
  for (index_t round = 0; round < rounds; ++round)
    time.measure([&] { d.apply(q, {from.get(), 1, {}, {}}, to.get()); });
  fmt::print(
      "{{\"bench\": \"filter\", \"method\": \"{}\", \"{}\": {}, \"type\": \"{}\", \"device\": "
      "\"cpu\", \"isa\": \"{}\", \"threads\": {}, \"size\": \"{}\", \"cpu_seconds\": {:.5f}, "
      "\"ns_per_pixel\": {:.2f}, \"planned_seconds\": {:.5f}}}\n",
      method, parameter, value, name_of(type), name_of(ir::isa_level()), ir::threads(),
      to_string(n), time.seconds, 1e9 * time.seconds / static_cast<double>(n.count()),
      d.seconds(n, q.where(), 1, type));
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, index_t otherwise) {
    return argc > i ? static_cast<index_t>(std::atoll(argv[i])) : otherwise;
  };
  const ir::shape n{1, number(1, 1024), number(2, 1024)};
  const index_t rounds = number(3, 3);
  ir::queue q;
  for (const dtype type : {dtype::u8, dtype::u16, dtype::f32, dtype::f64})
    for (const index_t radius : {1, 2, 10, 50})
      measure(q, "median", "radius", static_cast<double>(radius), *ir::make_median({radius}), n,
              type, rounds);
  for (const dtype type : {dtype::f32, dtype::f64})
    for (const double width : {1.0, 3.0, 10.0})
      measure(q, "gaussian", "width", width, *ir::make_gaussian_smoothing({{width}}), n, type,
              rounds);
}
