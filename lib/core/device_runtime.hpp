#pragma once
#include <memory>

#include "core/device.hpp"
#include "core/shape.hpp"

/// The calls of the CUDA runtime that the core makes, without its headers. In a build without CUDA,
/// and where a call fails, they throw device_error (no such device, a failed kernel) or busy_error
/// (out of device memory); those marked noexcept cannot fail in a way that matters.
namespace ir::cuda {

/// 0 without CUDA, a driver or a device. The first call starts the driver.
int device_count() noexcept;

/// A stream of its own; released with the last copy of the pointer.
std::shared_ptr<void> make_stream(int ordinal);
void synchronize(void* stream);
/// `waits` goes on when everything that is in `first` by now is done.
void order(void* first, void* waits);

/// Memory in stream order.
void* allocate(void* stream, index_t bytes);
void release(void* stream, void* memory) noexcept;

void set_zero(void* stream, void* to, index_t bytes);

}  // namespace ir::cuda
