#pragma once
#include <cstdint>

namespace ir {

/// Sizes, indices and strides, on the GPU too.
using index_t = std::int64_t;

}  // namespace ir
