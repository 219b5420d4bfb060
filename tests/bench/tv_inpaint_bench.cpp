// Total variation with half of 512x512 pixels missing: CPU seconds of a step, and from the data to
// an objective within 1e-3 of the optimum (1e-5: iterations alone), of the fused engine and of the
// generic primal-dual solver, alternated in one run. The optimum is found in f64.
//
//   tv_inpaint_bench [LAMBDA [ROUNDS [Y.f32]]]    Y.f32: 512x512 raw float32 samples
#include <cstdlib>
#include <random>
#include <vector>

#include "bench/discs.hpp"
#include "bench/tv_race.hpp"
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

}  // namespace

int main(int argc, char** argv) {
  const double lambda = argc > 1 ? std::atof(argv[1]) : 0.02;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  ir::queue q;
  const auto y = argc > 3 ? ir::bench::read_raw(argv[3], n * n) : noisy_discs();
  const ir::problem exact = make_problem(q, y, lambda, ir::precision::f64);
  const ir::problem p = make_problem(q, y, lambda, ir::precision::f32);
  ir::bench::race(q, "tv_inpaint", p, exact, {ir::choose(p).method, ir::algorithm::pdhg}, rounds,
                  8000);
}
