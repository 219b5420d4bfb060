// TV deblurring of a 512x512 image, 9x9 Gaussian blur: CPU seconds of a step, and from the data to
// an objective within 1e-3 and 1e-5 (iterations alone) of the optimum, which is found in f64; with
// BOUNDARY also of the generic primal-dual solver, alternated in one run.
//
//   tv_deblur_bench [LAMBDA [ROUNDS [Y.f32 [BOUNDARY [bounded]]]]]
//
// Y.f32: 512x512 raw float32 samples of blurred data, or -; BOUNDARY: circular, zero, edge,
// reflect; bounded: to [0, 1].
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/discs.hpp"
#include "bench/tv_race.hpp"
#include "fn/box.hpp"
#include "fn/half_square.hpp"
#include "fn/l21.hpp"
#include "op/convolution.hpp"
#include "op/difference.hpp"
#include "op/resample.hpp"
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

struct setting {
  ir::boundary rule = ir::boundary::circular;
  bool bounded = false;  // to [0, 1]
};

ir::op_ptr blur(ir::queue& q, ir::boundary rule, ir::precision type) {
  const auto h = gaussian_9x9();
  return std::make_shared<ir::convolution_operator>(
      q, ir::shape{n, n}, ir::cref(h.data(), ir::dtype::f64, ir::shape{9, 9}, ir::device{}), rule,
      ir::psf_sum::one, type);
}

// Discs and a ramp, blurred, with noise.
std::vector<float> synthetic(ir::queue& q, ir::boundary rule) {
  const std::vector<float> truth = ir::bench::discs(n);
  std::vector<float> noise = ir::bench::noise(n * n, 0.01F);
  const ir::space in({n, n});
  ir::owned_vec x(q, in, ir::precision::f32), y(q, in, ir::precision::f32);
  copy(q, ir::cref(truth.data(), ir::dtype::f32, ir::shape{n, n}, ir::device{}),
       ir::vec(x).block());
  blur(q, rule, ir::precision::f32)->apply(q, x, y);
  const auto* blurred = static_cast<const float*>(ir::cvec(y).data());
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] += blurred[i];
  return noise;
}

ir::problem make_problem(ir::queue& q, const std::vector<float>& y, double lambda,
                         const setting& how, ir::precision type) {
  const ir::space in({n, n});
  ir::owned_vec data(q, in, type);
  copy(q, ir::cref(y.data(), ir::dtype::f32, ir::shape{n, n}, ir::device{}), ir::vec(data).block());
  const auto G = std::make_shared<ir::gradient>(in);
  return {in,
          type,
          {},
          {{1, std::make_shared<ir::half_square>(q, in, ir::half_square::data{data, {}}),
            blur(q, how.rule, type)}},
          {{lambda, std::make_shared<ir::l21>(G->range()), G}},
          how.bounded ? std::make_shared<ir::box>(in, 0, 1) : nullptr};
}

}  // namespace

int main(int argc, char** argv) {
  const double lambda = argc > 1 ? std::atof(argv[1]) : 2e-3;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  setting how;
  if (argc > 4) how.rule = ir::boundary_named(argv[4]);
  how.bounded = argc > 5 && std::string(argv[5]) == "bounded";
  ir::queue q;
  const bool given = argc > 3 && std::string(argv[3]) != "-";
  const auto y = given ? ir::bench::read_raw(argv[3], n * n) : synthetic(q, how.rule);
  const ir::problem exact = make_problem(q, y, lambda, how, ir::precision::f64);
  const ir::problem p = make_problem(q, y, lambda, how, ir::precision::f32);
  std::vector<ir::algorithm> methods{ir::choose(p).method};
  if (argc > 4) methods.push_back(ir::algorithm::pdhg);
  ir::bench::race(q, "tv_deblur", p, exact, methods, rounds, 4000);
}
