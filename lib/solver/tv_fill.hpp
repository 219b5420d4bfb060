#pragma once
#include "fn/tv_layout.hpp"

namespace ir::detail {

/// x = y where weight > 0; elsewhere the weighted mean of the smallest block of 2^k elements an
/// axis, on the grid of such blocks, that has data; 0 in a channel without any. All (channels,
/// pixels), in host memory.
template <class T>
void fill_between(const tv_layout&, const T* y, const T* weight, T* x);

}  // namespace ir::detail
