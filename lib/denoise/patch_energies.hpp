#pragma once
#include <cstdint>
#include <vector>

#include "core/index.hpp"

namespace ir::detail {

/// The cosine transform (DCT-II, orthonormal) of patches of rows x columns pixels, its coefficients
/// in two classes: `high` is about the quarter of highest frequency, `low` the rest, without the
/// mean.
struct patch_basis {
  static constexpr index_t longest = 32, largest = 64;  // extent, pixels

  patch_basis(index_t rows, index_t columns);

  index_t rows, columns;
  std::vector<float> down, across;  // (frequency, pixel)
  std::vector<std::uint8_t> high;   // (frequency down, frequency across)
  index_t high_count = 0;
};

/// Patches of an image (ny, nx), every second pixel across and `step` pixels down.
struct patch_grid {
  patch_grid(const patch_basis&, index_t ny, index_t nx, index_t step);

  index_t nx, step, rows, columns;  // rows, columns: of patches
  index_t count() const { return rows * columns; }
};

/// How pixels become f32: (x - offset) * scale.
template <class T>
struct patch_scaling {
  T offset, scale;
};

/// Sums over the channels shown so far, in scaled units squared; NaN where a pixel is NaN or no
/// data. A channel that is constant over the patch, to the precision of f32, is left out.
struct patch_sums {
  float low = 0, high = 0;
  float channels = 0;  // that are not constant
};

/// Adds one channel's energies to `sums`, (grid.rows, grid.columns). `valid`: null or one byte a
/// pixel, 0: no data. About 160 multiplications a pixel for 8x8 patches and step 2.
template <class T>
void add_patch_energies(const patch_basis&, const patch_grid&, patch_scaling<T>, const T* image,
                        const std::uint8_t* valid, patch_sums* sums);

}  // namespace ir::detail
