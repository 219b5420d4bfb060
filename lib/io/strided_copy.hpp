#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "core/shape.hpp"

namespace ir {

/// Copies every element of an n-D array from one layout to another: permuted, flipped, decimated.
///
/// extents   the elements copied
/// size      bytes of an element: 1, 2, 4, 8 or 16
/// strides   bytes from an element to the next along each axis, of any sign
void strided_copy(const shape& extents, index_t size, const std::byte* from,
                  std::span<const index_t> from_strides, std::byte* to,
                  std::span<const index_t> to_strides);

/// Strides in bytes of an array in C order.
std::vector<index_t> dense_strides(std::span<const index_t> extents, index_t size);

/// Reverses the bytes of each `size`-byte word (1, 2, 4 or 8) in place.
void swap_bytes(std::span<std::byte> words, index_t size);

}  // namespace ir
