#pragma once
#include "core/shape.hpp"

namespace ir {

/// Uninitialised host memory, 64-byte aligned; large blocks lie on huge pages where the system
/// gives some. memory_error naming the size.
void* host_allocate(index_t bytes);
void host_release(void*) noexcept;

}  // namespace ir
