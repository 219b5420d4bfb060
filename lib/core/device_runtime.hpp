#pragma once
#include <memory>

#include "core/launch_host.hpp"

/// The calls of the CUDA runtime that the core makes, without its headers. A `stream` is a
/// cudaStream_t. In a build without CUDA, and where a call fails, they throw device_error (no such
/// device, a failed kernel) or busy_error (out of device memory); the noexcept ones never throw.
namespace ir::cuda {

/// 0 without CUDA, a driver or a device. The first call starts the driver.
int device_count() noexcept;
/// Bytes that the device has installed; 0 if there is no such device.
index_t installed_memory(int ordinal) noexcept;
/// The calling thread's device from now on.
void make_current(int ordinal);

/// A stream of its own; released with the last copy of the pointer.
std::shared_ptr<void> make_stream(int ordinal);
void synchronize(void* stream);
/// `waits` goes on when everything that is in `first` by now is done.
void order(void* first, void* waits);

/// Memory in stream order, 256-byte aligned; what is released stays with the process for the next.
void* allocate(void* stream, index_t bytes);
void release(void* stream, void* memory) noexcept;
void set_zero(void* stream, void* to, index_t bytes);
/// Between two devices or on one.
void copy_on_device(void* stream, const void* from, void* to, index_t bytes);

}  // namespace ir::cuda

namespace ir {
class queue;
}
namespace ir::cuda {

/// Host to device through the queue's pinned buffers, so that the copy runs beside kernels of other
/// streams; returns when `from` may change.
void upload(queue&, const void* from, void* to, index_t bytes);
/// Device to host, likewise; returns when `to` is complete.
void download(queue&, const void* from, void* to, index_t bytes);

}  // namespace ir::cuda
