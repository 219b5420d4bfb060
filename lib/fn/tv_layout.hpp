#pragma once
#include <cstddef>

#include "core/shape.hpp"

namespace ir::detail {

/// An image as planes along its slowest axis, lines of the axes between, elements of the fastest.
struct tv_layout {
  explicit tv_layout(const shape& f)
      : channels(f[0]),
        axes(f.rank() - 1),
        nz(axes > 1 ? f[1] : 1),
        ny(axes > 2 ? f[2] : 1),
        nx(f[f.rank() - 1]),
        plane(ny * nx),
        all(nz * plane) {}
  index_t channels, axes, nz, ny, nx, plane, all;

  index_t place(index_t z, index_t y) const { return z * plane + y * nx; }
};

inline index_t padded(index_t bytes) { return (bytes + 63) / 64 * 64; }

/// Element 0 of each number array in one block of scratch memory.
struct carver {
  std::byte* at;
  template <class T>
  T* take(index_t n) {
    T* const here = reinterpret_cast<T*>(at);
    at += padded(n * static_cast<index_t>(sizeof(T)));
    return here;
  }
};

}  // namespace ir::detail
