#pragma once
#include <vector>

#include "core/shape.hpp"

namespace ir::detail {

/// Columns of a block (fft/column_fft.hpp).
template <class T>
inline constexpr index_t column_width = 64 / static_cast<index_t>(sizeof(T));

/// One pass of butterflies.
template <class T>
struct column_stage {
  int radix;
  index_t span;            // points that one butterfly's inputs spread over
  std::vector<T> twiddle;  // (span / radix, radix - 1) complex
};

/// The loops over blocks at one instruction-set level.
template <class T>
struct column_functions {
  void (*forward)(T* block, index_t n, const column_stage<T>*, std::size_t stages);
  void (*inverse)(T* block, index_t n, const column_stage<T>*, std::size_t stages);
  void (*load)(const T* from, index_t stride, index_t rows, T* block);
  void (*store)(const T* block, index_t rows, T* to, index_t stride);
  void (*multiply)(T* block, const T* table, index_t rows, T sign);  // -1: by the conjugate
};
/// Those of the level in use.
template <class T>
const column_functions<T>* column_functions_in_use();
template <>
const column_functions<float>* column_functions_in_use<float>();
template <>
const column_functions<double>* column_functions_in_use<double>();

}  // namespace ir::detail
