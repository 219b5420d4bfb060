// FFT of columns (fft/column_fft.hpp) against FFTW on the same block, and one FFT convolution by
// both engines. One JSON line each.
//
//   fft_bench [length...]     default 96 128 243 288 500 576 1024 2100 4200
#include <fftw3.h>
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "bench/clock.hpp"
#include "core/isa.hpp"
#include "core/parallel.hpp"
#include "fft/column_fft.hpp"
#include "fft/convolution.hpp"

namespace {

using ir::index_t;
using ir::bench::least;

void bench_columns(index_t n) {
  const ir::column_fft<float> fft(n);
  constexpr index_t width = ir::column_fft<float>::width;
  ir::queue q;
  const ir::scratch memory(q, fft.block_bytes());
  auto* const block = static_cast<float*>(memory.data());
  std::fill_n(block, fft.block_bytes() / 4, 0.0F);
  auto* const interleaved = reinterpret_cast<fftwf_complex*>(block);
  const int length = static_cast<int>(n), columns = static_cast<int>(width);
  const fftwf_plan plan =
      fftwf_plan_many_dft(1, &length, columns, interleaved, nullptr, columns, 1, interleaved,
                          nullptr, columns, 1, FFTW_FORWARD, FFTW_ESTIMATE);

  const index_t times = 4'000'000 / (n * width) + 1;
  least ours, theirs;
  for (int round = 0; round < 7; ++round) {
    ours.measure([&] {
      for (index_t i = 0; i < times; ++i) i % 2 == 0 ? fft.forward(block) : fft.inverse(block);
    });
    theirs.measure([&] {
      for (index_t i = 0; i < times; ++i) fftwf_execute(plan);
    });
  }
  fftwf_destroy_plan(plan);
  const double points = static_cast<double>(times * n * width);
  fmt::print(
      "{{\"bench\": \"column_fft\", \"isa\": \"{}\", \"size\": {}, \"ns_a_point\": {:.3f}, "
      "\"gflops\": {:.2f}, \"fftw_ns_a_point\": {:.3f}, \"of_fftw\": {:.3f}}}\n",
      ir::name_of(ir::isa_level()), n, ours.seconds / points * 1e9,
      5 * std::log2(static_cast<double>(n)) * points / ours.seconds * 1e-9,
      theirs.seconds / points * 1e9, ours.seconds / theirs.seconds);
}

void bench_convolution(const ir::shape& n, const ir::shape& psf) {
  ir::queue q;
  ir::array x(q, ir::dtype::f32, n);
  std::fill_n(static_cast<float*>(x.get().data), n.count(), 1.0F);
  const std::vector<float> h(static_cast<std::size_t>(psf.count()), 1.0F);
  const auto grid = ir::plan_convolution(n, psf, ir::boundary::edge, ir::grid_use::filter, {});
  const auto make = [&](ir::convolution::engine e) {
    return ir::convolution::make(q, grid, ir::precision::f32,
                                 ir::cref(h.data(), ir::dtype::f32, psf), ir::psf_sum::one, {}, e);
  };
  const auto best = make(ir::convolution::engine::best);
  const auto plain = make(ir::convolution::engine::plain);

  least ours, theirs;
  for (int round = 0; round < 5; ++round) {
    ours.measure([&] { best->apply(q, x.get(), x.get()); });
    theirs.measure([&] { plain->apply(q, x.get(), x.get()); });
  }
  fmt::print(
      "{{\"bench\": \"convolution\", \"isa\": \"{}\", \"threads\": {}, \"size\": \"{}\", \"psf\": "
      "\"{}\", \"grid\": \"{}\", \"cpu_seconds\": {:.4f}, \"ns_a_grid_point\": {:.2f}, "
      "\"plain_engine\": {:.4f}, \"of_plain\": {:.3f}}}\n",
      ir::name_of(ir::isa_level()), ir::threads(), to_string(n), to_string(psf),
      to_string(grid.grid()), ours.seconds,
      ours.seconds / static_cast<double>(grid.grid_count()) * 1e9, theirs.seconds,
      ours.seconds / theirs.seconds);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<index_t> lengths;
  for (int i = 1; i < argc; ++i) lengths.push_back(std::atoll(argv[i]));
  if (lengths.empty()) lengths = {96, 128, 243, 288, 500, 576, 1024, 2100, 4200};
  for (const index_t n : lengths) bench_columns(n);
  bench_convolution({64, 256, 256}, {31, 31, 31});
  bench_convolution({4096, 4096}, {31, 31});
}
