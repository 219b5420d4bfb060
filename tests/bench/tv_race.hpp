#pragma once
#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/clock.hpp"
#include "bench/discs.hpp"
#include "core/isa.hpp"
#include "solver/problem.hpp"

// Solvers of one problem of 512x512 pixels against each other and the optimum.
namespace ir::bench {

/// Raw float32 samples.
inline std::vector<float> read_raw(const char* name, index_t count) {
  std::vector<float> y(static_cast<std::size_t>(count));
  std::ifstream in(name, std::ios::binary);
  in.read(reinterpret_cast<char*>(y.data()),
          static_cast<std::streamsize>(y.size() * sizeof(float)));
  if (!in) {
    fmt::print(stderr, "{}: too short\n", name);
    std::exit(65);
  }
  return y;
}

/// What is minimised, in f64, of an x of either precision.
inline double objective(queue& q, const problem& exact, cvec x) {
  owned_vec wide(q, exact.domain, precision::f64);
  copy(q, x.block(), vec(wide).block());
  return objective_of(q, exact, wide);
}

/// One of the algorithms: iterations and CPU seconds to 1e-3 of the optimum (1e-5: iterations).
struct contender {
  algorithm method;
  index_t coarse = -1, fine = -1;  // iterations to 1e-3, 1e-5
  least step{}, whole{};

  std::unique_ptr<solver> make(queue& q, const problem& p) const {
    return make_solver(q, p, choose(p, method));
  }
  void count(queue& q, const problem& p, const problem& exact, double best) {
    const auto solver = make(q, p);
    for (index_t k = 1; k <= 3000 && fine < 0; ++k) {
      (void)solver->step(q);
      const double there = objective(q, exact, solver->solution());
      if (coarse < 0 && there <= best * (1 + 1e-3)) coarse = k;
      if (there <= best * (1 + 1e-5)) fine = k;
    }
  }
  void race(queue& q, const problem& p) {
    if (coarse > 0)
      whole.measure([&] {
        const auto solver = make(q, p);
        for (index_t k = 0; k < coarse; ++k) (void)solver->step(q);
      });
    const auto solver = make(q, p);
    for (int k = 0; k < 20; ++k) step.measure([&] { (void)solver->step(q); });
  }
  void print(const std::string& bench, double best) const {
    fmt::print(
        "{{\"bench\":\"{}\",\"isa\":\"{}\",\"method\":\"{}\",\"optimum\":{:.12g},"
        "\"cpu_seconds_step\":{:.6f},\"iterations_1e-3\":{},\"cpu_seconds_1e-3\":{:.4f},"
        "\"iterations_1e-5\":{}}}\n",
        bench, name_of(isa_level()), name_of(method), best, step.seconds, coarse, whole.seconds,
        fine);
  }
};

/// The optimum by `iterations` of the chosen algorithm in f64; then all of `methods`, alternated.
inline void race(queue& q, const std::string& bench, const problem& p, const problem& exact,
                 const std::vector<algorithm>& methods, int rounds, int iterations) {
  const auto long_run = make_solver(q, exact, choose(exact));
  for (int k = 0; k < iterations; ++k) (void)long_run->step(q);
  const double best = objective(q, exact, long_run->solution());
  std::vector<contender> all;
  for (const algorithm a : methods) all.push_back({a});
  for (contender& c : all) c.count(q, p, exact, best);
  for (int r = 0; r < rounds; ++r)
    for (contender& c : all) c.race(q, p);
  for (const contender& c : all) c.print(bench, best);
}

}  // namespace ir::bench
