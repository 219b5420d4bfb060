// TV deblurring of a 512x512 image, 9x9 Gaussian blur, circular: CPU seconds of a step, and from
// the data to an objective within 1e-3 and 1e-5 of the optimum, which is found in f64.
//
//   tv_deblur_bench [LAMBDA [ROUNDS [Y.f32]]]     Y.f32: 512x512 raw float32 samples of blurred
//   data
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "bench/clock.hpp"
#include "bench/discs.hpp"
#include "core/isa.hpp"
#include "core/parallel.hpp"
#include "fn/combine.hpp"
#include "fn/half_square.hpp"
#include "fn/l21.hpp"
#include "op/convolution.hpp"
#include "op/difference.hpp"
#include "solver/problem.hpp"

namespace {

using ir::index_t;
constexpr index_t n = 512;

std::vector<double> gaussian_9x9() {
  std::vector<double> h;
  for (int j = -4; j <= 4; ++j)
    for (int i = -4; i <= 4; ++i) h.push_back(std::exp(-(j * j + i * i) / (2 * 1.5 * 1.5)));
  return h;
}

ir::op_ptr blur(ir::queue& q, ir::precision type) {
  const auto h = gaussian_9x9();
  return std::make_shared<ir::convolution_operator>(
      q, ir::shape{n, n}, ir::cref(h.data(), ir::dtype::f64, ir::shape{9, 9}, ir::device{}),
      ir::boundary::circular, ir::psf_sum::one, type);
}

// Discs and a ramp, blurred, with noise.
std::vector<float> synthetic(ir::queue& q) {
  const std::vector<float> truth = ir::bench::discs(n);
  std::vector<float> noise = ir::bench::noise(n * n, 0.01F);
  const ir::space in({n, n});
  ir::owned_vec x(q, in, ir::precision::f32), y(q, in, ir::precision::f32);
  copy(q, ir::cref(truth.data(), ir::dtype::f32, ir::shape{n, n}, ir::device{}),
       ir::vec(x).block());
  blur(q, ir::precision::f32)->apply(q, x, y);
  const auto* blurred = static_cast<const float*>(ir::cvec(y).data());
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] += blurred[i];
  return noise;
}

std::vector<float> read_raw(const char* name) {
  std::vector<float> y(n * n);
  std::ifstream in(name, std::ios::binary);
  in.read(reinterpret_cast<char*>(y.data()),
          static_cast<std::streamsize>(y.size() * sizeof(float)));
  if (!in) {
    fmt::print(stderr, "tv_deblur_bench: {}: too short\n", name);
    std::exit(65);
  }
  return y;
}

ir::problem make_problem(ir::queue& q, const std::vector<float>& y, double lambda,
                         ir::precision type) {
  const ir::space in({n, n});
  ir::owned_vec data(q, in, type);
  copy(q, ir::cref(y.data(), ir::dtype::f32, ir::shape{n, n}, ir::device{}), ir::vec(data).block());
  const auto G = std::make_shared<ir::gradient>(in);
  return {in,
          type,
          {},
          {{1, std::make_shared<ir::half_square>(q, in, ir::half_square::data{data, {}}),
            blur(q, type)}},
          {{lambda, std::make_shared<ir::l21>(G->range()), G}}};
}

// In f64, of an x of either precision.
double objective(ir::queue& q, const ir::problem& exact, ir::cvec x) {
  ir::owned_vec wide(q, exact.domain, ir::precision::f64);
  copy(q, x.block(), ir::vec(wide).block());
  return ir::objective_of(q, exact, wide);
}

index_t iterations_to(ir::queue& q, const ir::problem& p, const ir::problem& exact, double target) {
  const auto solver = ir::make_solver(q, p, ir::choose(p));
  for (index_t k = 1; k <= 3000; ++k) {
    (void)solver->step(q);
    if (objective(q, exact, solver->solution()) <= target) return k;
  }
  return -1;
}

}  // namespace

int main(int argc, char** argv) {
  const double lambda = argc > 1 ? std::atof(argv[1]) : 2e-3;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  ir::queue q;
  const auto y = argc > 3 ? read_raw(argv[3]) : synthetic(q);
  const ir::problem exact = make_problem(q, y, lambda, ir::precision::f64);
  const ir::problem p = make_problem(q, y, lambda, ir::precision::f32);

  const auto long_run = ir::make_solver(q, exact, ir::choose(exact));
  for (int k = 0; k < 4000; ++k) (void)long_run->step(q);
  const double best = objective(q, exact, long_run->solution());
  const index_t coarse = iterations_to(q, p, exact, best * (1 + 1e-3));
  const index_t fine = iterations_to(q, p, exact, best * (1 + 1e-5));

  ir::bench::least step, whole;  // tables, transforms and symbols of the solver count to the whole
  for (int r = 0; r < rounds; ++r) {
    whole.measure([&] {
      const auto solver = ir::make_solver(q, p, ir::choose(p));
      for (index_t k = 0; k < coarse; ++k) (void)solver->step(q);
    });
    const auto solver = ir::make_solver(q, p, ir::choose(p));
    for (int k = 0; k < 20; ++k) step.measure([&] { (void)solver->step(q); });
  }
  fmt::print(
      "{{\"bench\":\"tv_deblur\",\"isa\":\"{}\",\"lambda\":{},\"optimum\":{:.12g},"
      "\"method\":\"{}\",\"cpu_seconds_step\":{:.6f},\"iterations_1e-3\":{},"
      "\"cpu_seconds_1e-3\":{:.4f},\"iterations_1e-5\":{}}}\n",
      name_of(ir::isa_level()), lambda, best, ir::name_of(ir::choose(p).method), step.seconds,
      coarse, whole.seconds, fine);
}
