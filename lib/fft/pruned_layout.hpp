#pragma once
#include <algorithm>

#include "fft/column_fft.hpp"
#include "fft/convolution.hpp"

namespace ir::detail {

inline index_t round_up(index_t n, index_t to) { return (n + to - 1) / to * to; }

/// Memory of the engine with pruned passes. The spectrum is (nz, Ly, pitch) complex: the data's
/// extent along z, the grid's along y, the half spectrum along x in blocks of columns. The table is
/// (Ly, blocks, Lz rows of a block).
template <class T>
struct pruned_layout {
  static constexpr index_t width = column_fft<T>::width;
  static constexpr index_t batch = 8;  // lines of one row transform
  static constexpr index_t complex_bytes = 2 * static_cast<index_t>(sizeof(T));
  static constexpr index_t max_jobs = 32;  // each with its own cache-sized memory

  index_t nz, ny, nx, lz, ly, lx, pitch, blocks;

  explicit pruned_layout(const convolution_geometry& g)
      : nz(g.z.n),
        ny(g.y.n),
        nx(g.x.n),
        lz(g.z.length),
        ly(g.y.length),
        lx(g.x.length),
        pitch(round_up(lx / 2 + 1, width)),
        blocks(pitch / width) {}

  index_t row_reals() const { return round_up(lx, width); }
  index_t spectrum_bytes() const { return nz * ly * pitch * complex_bytes; }
  index_t table_reals() const { return ly * pitch * lz * 2; }
  // Lines of a row transform, or a block of columns.
  index_t slot_bytes(index_t block_bytes) const {
    const index_t rows =
        batch * (row_reals() * static_cast<index_t>(sizeof(T)) + pitch * complex_bytes);
    return round_up(std::max(rows, block_bytes), 64);
  }
};

}  // namespace ir::detail
