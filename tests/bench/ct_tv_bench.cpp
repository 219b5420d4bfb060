// Total variation of a slice from few views, x >= 0: CPU seconds of a step and from nothing to an
// objective within 1e-2 and 1e-3 of the least, that of the longest run with the first algorithm.
//
//   ct_tv_bench SINOGRAM.f32 VIEWS DETECTOR CENTER LAST_DEGREES WEIGHT [ITERATIONS [ALGORITHM...]]
//
// The sinogram is raw, (view, u); views from 0 to LAST_DEGREES.
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "bench/clock.hpp"
#include "core/isa.hpp"
#include "fn/box.hpp"
#include "fn/half_square.hpp"
#include "fn/l21.hpp"
#include "op/difference.hpp"
#include "op/norm_bounds.hpp"
#include "solver/problem.hpp"
#include "tomo/ray_transform.hpp"

namespace {

struct point {
  double seconds, objective;
};

// The objective after each tenth step; evaluations are not timed, set-up is.
std::vector<point> run(ir::queue& q, const ir::problem& p, ir::algorithm method,
                       ir::index_t iterations) {
  double seconds = 0;
  std::unique_ptr<ir::solver> s;
  const auto timed = [&](const auto& work) {
    const double start = ir::bench::cpu_seconds();
    work();
    seconds += ir::bench::cpu_seconds() - start;
  };
  timed([&] { s = ir::make_solver(q, p, ir::choose(p, method)); });
  std::vector<point> all;
  for (ir::index_t k = 1; k <= iterations; ++k) {
    timed([&] { s->step(q); });
    if (k % 10 == 0) all.push_back({seconds, ir::objective_of(q, p, s->solution())});
  }
  return all;
}

std::string seconds_to(const std::vector<point>& path, double objective) {
  for (const point& at : path)
    if (at.objective <= objective) return fmt::format("{:.3g}", at.seconds);
  return "null";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 7) return fmt::print(stderr, "see the head of the source\n"), 2;
  const ir::index_t views = std::atol(argv[2]), detector = std::atol(argv[3]);
  const double last = std::atof(argv[5]) * 3.14159265358979 / 180;
  const ir::index_t iterations = argc > 7 ? std::atol(argv[7]) : 400;
  std::vector<std::string> names(argv + std::min(argc, 8), argv + argc);
  if (names.empty()) names = {"admm", "pdhg"};

  ir::queue q;
  const auto type = ir::precision::f32;
  std::vector<float> y(static_cast<std::size_t>(views * detector));
  std::ifstream(argv[1], std::ios::binary)
      .read(reinterpret_cast<char*>(y.data()), static_cast<std::streamsize>(4 * y.size()));
  std::vector<double> angles;
  for (ir::index_t v = 0; v < views; ++v)
    angles.push_back(last * static_cast<double>(v) / static_cast<double>(views - 1));
  const auto geometry = ir::whole_slice(angles, detector, std::atof(argv[4]));
  const ir::space domain({detector, detector});
  const auto A = std::make_shared<ir::ray_transform>(q, domain, geometry, type);
  const auto G = std::make_shared<ir::gradient>(domain);
  ir::owned_vec data(q, A->range(), type);
  ir::copy(q, ir::cref(y.data(), ir::dtype::f32, A->range().extents()), ir::vec(data).block());
  const ir::half_square::data around{.centre = ir::cvec(data)};
  const ir::problem p{domain,
                      type,
                      {},
                      {{1, std::make_shared<ir::half_square>(q, A->range(), around), A}},
                      {{std::atof(argv[6]), std::make_shared<ir::l21>(G->range()), G}},
                      std::make_shared<ir::box>(domain, 0)};
  ir::tight_norm(q, *A, type, {.width = 0.05, .most_steps = 60});

  double least = 0;
  for (const std::string& name : names) {
    const auto method = ir::algorithm_named(name);
    if (!method) return fmt::print(stderr, "{}: no algorithm\n", name), 2;
    const auto path = run(q, p, *method, name == names[0] ? 4 * iterations : iterations);
    if (name == names[0]) least = path.back().objective;
    fmt::print(
        "{{\"bench\": \"ct_tv\", \"isa\": \"{}\", \"algorithm\": \"{}\", \"step\": {:.3g}, "
        "\"to_1e-2\": {}, \"to_1e-3\": {}, \"last\": {:.6g}, \"least\": {:.6g}}}\n",
        name_of(ir::isa_level()), name,
        path.back().seconds / (10 * static_cast<double>(path.size())),
        seconds_to(path, 1.01 * least), seconds_to(path, 1.001 * least), path.back().objective,
        least);
  }
}
