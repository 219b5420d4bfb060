#include "denoise/patch_energies.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/parallel.hpp"
#include "core/row_runner.hpp"

namespace ir::detail {
namespace {

constexpr index_t width = 64;       // patches of a row that are worked on together
constexpr index_t tall = 22;        // rows of pixels of a task: 8 rows of 8x8 patches, step 2
constexpr index_t columns_max = 8;  // of patches of more than one row
constexpr index_t half_row = width + patch_basis::longest / 2;
// Rounding leaves this share of the mean's energy in the other coefficients of a constant.
constexpr float constant_share = 1e-12F;

std::vector<float> cosines(index_t n) {
  std::vector<float> c;
  for (index_t k = 0; k < n; ++k)
    for (index_t i = 0; i < n; ++i)
      c.push_back(float(std::sqrt((k == 0 ? 1.0 : 2.0) / double(n)) *
                        std::cos(std::numbers::pi * double((2 * i + 1) * k) / double(2 * n))));
  return c;
}

using lane_row = float[width];

// to[i] = sum_k weight[k] * from_k[i]; from_k = from(k).
template <class From>
[[gnu::always_inline]] inline void weighted_sum(const float* weight, index_t n, From from,
                                                lane_row& to) {
  float sum[width] = {};
  for (index_t k = 0; k < n; ++k) {
    const float w = weight[k];
    const float* x = from(k);
    for (index_t i = 0; i < width; ++i) sum[i] += w * x[i];
  }
  for (index_t i = 0; i < width; ++i) to[i] = sum[i];
}

/// Patches [64 q, 64 q + 64) of some rows of patches: task = group of rows * chunks + q.
template <class T>
struct patch_task {
  const patch_basis* basis;
  const patch_grid* grid;
  patch_scaling<T> scaling;
  const T* image;
  const std::uint8_t* valid;
  patch_sums* sums;
  index_t chunks, group_rows;

  // Even and odd pixels apart: patches two pixels apart read neighbouring elements.
  [[gnu::always_inline]] void load(index_t row, index_t first, float (&half)[2][half_row]) const {
    const T* x = image + row * grid->nx + first;
    const index_t n = std::min<index_t>(grid->nx - first, 2 * half_row);
    for (index_t i = 0; i < n / 2; ++i)
      for (index_t odd = 0; odd < 2; ++odd)
        half[odd][i] = float((x[2 * i + odd] - scaling.offset) * scaling.scale);
    if (n % 2 != 0) half[0][n / 2] = float((x[n - 1] - scaling.offset) * scaling.scale);
    for (index_t i = n; i < 2 * half_row; ++i) half[i % 2][i / 2] = 0;
    if (valid == nullptr) return;
    const std::uint8_t* is = valid + row * grid->nx + first;
    for (index_t i = 0; i < n; ++i)
      if (is[i] == 0) half[i % 2][i / 2] = std::numeric_limits<float>::quiet_NaN();
  }

  [[gnu::always_inline]] void column_pass(const lane_row* across, patch_sums* to,
                                          index_t count) const {
    float energy[2][width] = {}, mean[width] = {};
    const index_t nx = basis->columns, ny = basis->rows;
    for (index_t v = 0; v < nx; ++v)
      for (index_t u = 0; u < ny; ++u) {
        lane_row c;
        weighted_sum(
            &basis->down[std::size_t(u * ny)], ny, [&](index_t i) { return across[i * nx + v]; },
            c);
        float* e = u + v == 0 ? mean : energy[basis->high[std::size_t(u * nx + v)]];
        for (index_t i = 0; i < width; ++i) e[i] += c[i] * c[i];
      }
    for (index_t i = 0; i < count; ++i) {
      if (energy[0][i] + energy[1][i] <= constant_share * mean[i]) continue;  // not where NaN
      to[i].low += energy[0][i];
      to[i].high += energy[1][i];
      to[i].channels += 1;
    }
  }

  void operator()(index_t task) const {
    const index_t nx = basis->columns, ny = basis->rows, q = task % chunks;
    const index_t begin = task / chunks * group_rows;
    const index_t end = std::min(begin + group_rows, grid->rows);
    alignas(64) lane_row across[std::max(tall * columns_max, patch_basis::largest)];
    const index_t pixel_rows = (end - begin - 1) * grid->step + ny;
    for (index_t r = 0; r < pixel_rows; ++r) {
      alignas(64) float half[2][half_row];
      load(begin * grid->step + r, 2 * width * q, half);
      for (index_t v = 0; v < nx; ++v)
        weighted_sum(
            &basis->across[std::size_t(v * nx)], nx, [&](index_t k) { return half[k % 2] + k / 2; },
            across[r * nx + v]);
    }
    for (index_t p = begin; p < end; ++p)
      column_pass(across + (p - begin) * grid->step * nx, sums + p * grid->columns + q * width,
                  std::min(width, grid->columns - q * width));
  }
};

}  // namespace

patch_basis::patch_basis(index_t ny, index_t nx)
    : rows(ny), columns(nx), down(cosines(ny)), across(cosines(nx)) {
  std::vector<index_t> frequency;
  for (index_t u = 0; u < ny; ++u)
    for (index_t v = 0; v < nx; ++v) frequency.push_back(u * nx + v * ny);
  std::vector<index_t> sorted = frequency;
  std::sort(sorted.rbegin(), sorted.rend());
  const index_t border =
      sorted[std::size_t(std::min(ny * nx - 1, std::max<index_t>(1, ny * nx / 4)))];
  for (const index_t f : frequency) high.push_back(f > border);
  high_count = std::count(high.begin(), high.end(), 1);
}

patch_grid::patch_grid(const patch_basis& b, index_t ny, index_t width_, index_t down)
    : nx(width_),
      step(down),
      rows(ny < b.rows ? 0 : (ny - b.rows) / down + 1),
      columns(width_ < b.columns ? 0 : (width_ - b.columns) / 2 + 1) {}

template <class T>
void add_patch_energies(const patch_basis& basis, const patch_grid& grid, patch_scaling<T> scaling,
                        const T* image, const std::uint8_t* valid, patch_sums* sums) {
  const index_t chunks = (grid.columns + width - 1) / width;
  const index_t group = 1 + std::max<index_t>(0, tall - basis.rows) / grid.step;
  const patch_task<T> task{&basis, &grid, scaling, image, valid, sums, chunks, group};
  ir::run_blocks((grid.rows + group - 1) / group * chunks, 1,
                 [&](index_t begin, index_t end) noexcept { run_row<1>(task, 0, 0, begin, end); });
}

template void add_patch_energies(const patch_basis&, const patch_grid&, patch_scaling<float>,
                                 const float*, const std::uint8_t*, patch_sums*);
template void add_patch_energies(const patch_basis&, const patch_grid&, patch_scaling<double>,
                                 const double*, const std::uint8_t*, patch_sums*);

}  // namespace ir::detail
