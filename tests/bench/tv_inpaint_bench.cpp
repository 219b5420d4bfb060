// Total variation with half of 512x512 pixels missing: CPU seconds of a step, and from the data to
// an objective within 1e-3 of the optimum (1e-5: iterations alone), of the fused engine and of the
// generic primal-dual solver, alternated in one run. The optimum is found in f64.
//
//   tv_inpaint_bench [LAMBDA [ROUNDS [Y.f32]]]    Y.f32: 512x512 raw float32 samples
#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <vector>

#include "bench/clock.hpp"
#include "bench/discs.hpp"
#include "core/isa.hpp"
#include "fn/half_square.hpp"
#include "fn/l21.hpp"
#include "op/diagonal.hpp"
#include "op/difference.hpp"
#include "solver/problem.hpp"

namespace {

using ir::index_t;
constexpr index_t n = 512;

std::vector<float> noisy_discs() {
  std::vector<float> y = ir::bench::discs(n);
  const std::vector<float> noise = ir::bench::noise(n * n, 0.01F);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += noise[i];
  return y;
}

std::vector<float> read_raw(const char* name) {
  std::vector<float> y(n * n);
  std::ifstream in(name, std::ios::binary);
  in.read(reinterpret_cast<char*>(y.data()),
          static_cast<std::streamsize>(y.size() * sizeof(float)));
  if (!in) {
    fmt::print(stderr, "tv_inpaint_bench: {}: too short\n", name);
    std::exit(65);
  }
  return y;
}

ir::problem make_problem(ir::queue& q, const std::vector<float>& y, double lambda,
                         ir::precision type) {
  const ir::space in({n, n});
  std::mt19937 bits(3);
  ir::loaded_array mask{"mask", ir::shape{n, n}, ir::field::real, std::vector<double>(n * n)};
  for (double& m : mask.values) m = bits() % 2;
  const auto M = std::make_shared<ir::diagonal>(q, in, mask, type, "mask");
  ir::owned_vec all(q, in, type), data(q, in, type);
  copy(q, ir::cref(y.data(), ir::dtype::f32, ir::shape{n, n}, ir::device{}), ir::vec(all).block());
  M->apply(q, all, data);
  const auto G = std::make_shared<ir::gradient>(in);
  return {in,
          type,
          {},
          {{1, std::make_shared<ir::half_square>(q, in, ir::half_square::data{data, {}}), M}},
          {{lambda, std::make_shared<ir::l21>(G->range()), G}}};
}

// In f64, of an x of either precision.
double objective(ir::queue& q, const ir::problem& exact, ir::cvec x) {
  ir::owned_vec wide(q, exact.domain, ir::precision::f64);
  copy(q, x.block(), ir::vec(wide).block());
  return ir::objective_of(q, exact, wide);
}

struct contender {
  ir::algorithm method;
  index_t coarse = -1, fine = -1;  // iterations to 1e-3, 1e-5
  ir::bench::least step{}, whole{};

  std::unique_ptr<ir::solver> make(ir::queue& q, const ir::problem& p) const {
    return ir::make_solver(q, p, ir::choose(p, method));
  }
  void count(ir::queue& q, const ir::problem& p, const ir::problem& exact, double best) {
    const auto solver = make(q, p);
    for (index_t k = 1; k <= 3000 && fine < 0; ++k) {
      (void)solver->step(q);
      const double there = objective(q, exact, solver->solution());
      if (coarse < 0 && there <= best * (1 + 1e-3)) coarse = k;
      if (there <= best * (1 + 1e-5)) fine = k;
    }
  }
  void race(ir::queue& q, const ir::problem& p) {
    whole.measure([&] {
      const auto solver = make(q, p);
      for (index_t k = 0; k < coarse; ++k) (void)solver->step(q);
    });
    const auto solver = make(q, p);
    for (int k = 0; k < 20; ++k) step.measure([&] { (void)solver->step(q); });
  }
  void print(double best) const {
    fmt::print(
        "{{\"bench\":\"tv_inpaint\",\"isa\":\"{}\",\"method\":\"{}\",\"optimum\":{:.12g},"
        "\"cpu_seconds_step\":{:.6f},\"iterations_1e-3\":{},\"cpu_seconds_1e-3\":{:.4f},"
        "\"iterations_1e-5\":{}}}\n",
        name_of(ir::isa_level()), ir::name_of(method), best, step.seconds, coarse, whole.seconds,
        fine);
  }
};

}  // namespace

int main(int argc, char** argv) {
  const double lambda = argc > 1 ? std::atof(argv[1]) : 0.02;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  ir::queue q;
  const auto y = argc > 3 ? read_raw(argv[3]) : noisy_discs();
  const ir::problem exact = make_problem(q, y, lambda, ir::precision::f64);
  const ir::problem p = make_problem(q, y, lambda, ir::precision::f32);

  const auto long_run = ir::make_solver(q, exact, ir::choose(exact));
  for (int k = 0; k < 8000; ++k) (void)long_run->step(q);
  const double best = objective(q, exact, long_run->solution());

  contender all[] = {{ir::choose(p).method}, {ir::algorithm::pdhg}};
  for (contender& c : all) c.count(q, p, exact, best);
  for (int r = 0; r < rounds; ++r)
    for (contender& c : all) c.race(q, p);
  for (const contender& c : all) c.print(best);
}
