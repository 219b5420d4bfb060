// Ten iterations of Richardson-Lucy against a plain loop of forty real FFTW transforms of the same
// padded size, in one run: work that alternates, the least CPU time of each.
//
//   rl_bench [nz ny nx psf [rounds]]     default 64 256 256 31 5
#include <fftw3.h>
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "bench/clock.hpp"
#include "core/isa.hpp"
#include "core/parallel.hpp"
#include "deconv/richardson_lucy.hpp"

namespace {

using ir::index_t;
using ir::bench::least;
constexpr index_t iterations = 10;

// A plain real 3-D transform pair and its memory.
struct plain_fftw {
  index_t points;
  float* real;
  fftwf_complex* half;
  fftwf_plan there, back;

  plain_fftw(const ir::shape& n, unsigned rigour)
      : points(n.count()),
        real(fftwf_alloc_real(static_cast<std::size_t>(points))),
        half(fftwf_alloc_complex(static_cast<std::size_t>(n[0] * n[1] * (n[2] / 2 + 1)))) {
    const int nz = static_cast<int>(n[0]), ny = static_cast<int>(n[1]), nx = static_cast<int>(n[2]);
    fftwf_forget_wisdom();  // a measured plan must not become the estimated one
    there = fftwf_plan_dft_r2c_3d(nz, ny, nx, real, half, rigour);
    back = fftwf_plan_dft_c2r_3d(nz, ny, nx, half, real, rigour);
    std::fill(real, real + points, 0.0F);
  }
  ~plain_fftw() {
    fftwf_destroy_plan(there);
    fftwf_destroy_plan(back);
    fftwf_free(real);
    fftwf_free(half);
  }
  plain_fftw(const plain_fftw&) = delete;
  plain_fftw& operator=(const plain_fftw&) = delete;

  void loop() const {
    for (index_t i = 0; i < 2 * iterations; ++i) {
      fftwf_execute(there);
      fftwf_execute(back);
    }
  }
};

std::vector<float> data_of(const ir::shape& n) {
  std::vector<float> g(static_cast<std::size_t>(n.count()));
  for (std::size_t i = 0; i < g.size(); ++i) g[i] = 20 + static_cast<float>(i * i % 977);
  return g;
}

std::vector<float> psf_of(index_t m) {
  std::vector<float> h;
  const auto centred = [m](index_t i) { return static_cast<float>(i - m / 2); };
  for (index_t k = 0; k < m; ++k)
    for (index_t j = 0; j < m; ++j)
      for (index_t i = 0; i < m; ++i)
        h.push_back(std::exp(-(centred(k) * centred(k) / 30 + centred(j) * centred(j) / 8 +
                               centred(i) * centred(i) / 8)));
  return h;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, index_t otherwise) {
    return argc > i ? static_cast<index_t>(std::atoll(argv[i])) : otherwise;
  };
  const ir::shape n{number(1, 64), number(2, 256), number(3, 256)};
  const index_t m = number(4, 31), rounds = number(5, 5);
  const ir::shape psf{m, m, m};
  const std::vector<float> g = data_of(n), h = psf_of(m);
  ir::queue q;
  ir::array f(q, ir::dtype::f32, n);
  const ir::cref data(g.data(), ir::dtype::f32, n);
  const auto grid =
      ir::plan_convolution(n, psf, ir::boundary::edge, ir::grid_use::filter, q.where());
  const plain_fftw estimated(grid.grid(), FFTW_ESTIMATE), measured(grid.grid(), FFTW_MEASURE);

  least setup, steps, whole, estimate, measure;
  for (index_t round = 0; round < rounds; ++round) {
    estimate.measure([&] { estimated.loop(); });
    whole.measure([&] {
      std::shared_ptr<const ir::richardson_lucy_model> model;
      setup.measure([&] {
        model = std::make_shared<ir::richardson_lucy_model>(
            q, ir::convolution::make(q, grid, ir::precision::f32,
                                     ir::cref(h.data(), ir::dtype::f32, psf), ir::psf_sum::one));
      });
      ir::richardson_lucy solver(q, model, data, f.get(), ir::deconvolution_start::data);
      steps.measure([&] { ir::run(q, solver, {.iterations = iterations}); });
    });
    measure.measure([&] { measured.loop(); });
  }

  fmt::print(
      "{{\"bench\": \"rl\", \"device\": \"cpu\", \"isa\": \"{}\", \"threads\": {}, \"size\": "
      "\"{}\", "
      "\"psf\": \"{}\", \"grid\": \"{}\", \"iterations\": {}, \"cpu_seconds\": {:.4f}, "
      "\"setup\": {:.4f}, \"a_step\": {:.5f}, \"fftw_estimate\": {:.4f}, \"fftw_measure\": {:.4f}, "
      "\"of_estimate\": {:.3f}, \"of_measure\": {:.3f}}}\n",
      ir::name_of(ir::isa_level()), ir::threads(), to_string(n), to_string(psf),
      to_string(grid.grid()), iterations, whole.seconds, setup.seconds,
      steps.seconds / static_cast<double>(iterations), estimate.seconds, measure.seconds,
      whole.seconds / estimate.seconds, whole.seconds / measure.seconds);
}
