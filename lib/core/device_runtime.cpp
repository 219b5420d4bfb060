#ifdef IR_WITH_CUDA
#include "core/device_runtime.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "core/error.hpp"

namespace ir::cuda {
namespace {

cudaStream_t of(void* stream) { return static_cast<cudaStream_t>(stream); }

/// Memory that is released stays in the device's pool: without this every synchronisation would
/// give it back to the driver.
void keep_released_memory(int ordinal) {
  cudaMemPool_t pool = nullptr;
  check(cudaDeviceGetDefaultMemPool(&pool, ordinal), "memory pool");
  std::uint64_t all = ~std::uint64_t{0};
  check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &all), "memory pool");
}

}  // namespace

void check(int error, const char* what) {
  if (error == cudaSuccess) return;
  const auto code = static_cast<cudaError_t>(error);
  (void)cudaGetLastError();  // the next call does not tell it again
  const std::string text = fmt::format("GPU: {}: {}", what, cudaGetErrorString(code));
  if (code == cudaErrorMemoryAllocation || code == cudaErrorDevicesUnavailable)
    throw busy_error(text);
  throw device_error(text);
}

int device_count() noexcept {
  static const int count = [] {
    int n = 0;
    if (cudaGetDeviceCount(&n) == cudaSuccess) return n;
    (void)cudaGetLastError();
    return 0;
  }();
  return count;
}

index_t installed_memory(int ordinal) noexcept {
  cudaDeviceProp device{};
  if (ordinal < device_count() && cudaGetDeviceProperties(&device, ordinal) == cudaSuccess)
    return static_cast<index_t>(device.totalGlobalMem);
  return 0;
}

void make_current(int ordinal) { check(cudaSetDevice(ordinal), "choosing the device"); }

std::shared_ptr<void> make_stream(int ordinal) {
  const int count = device_count();
  if (count == 0) throw device_error("no GPU: no CUDA device or driver was found");
  if (ordinal < 0 || ordinal >= count)
    throw device_error(fmt::format("no GPU {}: there are {}, counted from 0", ordinal, count));
  make_current(ordinal);
  keep_released_memory(ordinal);
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "a new stream");
  return {stream, [](void* s) { (void)cudaStreamDestroy(of(s)); }};
}

void synchronize(void* stream) { check(cudaStreamSynchronize(of(stream)), "a computation"); }

void order(void* first, void* waits) {
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "a new event");
  const std::unique_ptr<CUevent_st, void (*)(cudaEvent_t)> owner(
      event, [](cudaEvent_t e) { (void)cudaEventDestroy(e); });
  check(cudaEventRecord(event, of(first)), "recording an event");
  check(cudaStreamWaitEvent(of(waits), event, 0), "waiting for an event");
}

void* allocate(void* stream, index_t bytes) {
  void* memory = nullptr;
  const auto error = cudaMallocAsync(&memory, static_cast<std::size_t>(bytes), of(stream));
  if (error != cudaSuccess) check(error, fmt::format("allocating {} bytes", bytes).c_str());
  return memory;
}

void release(void* stream, void* memory) noexcept { (void)cudaFreeAsync(memory, of(stream)); }

void set_zero(void* stream, void* to, index_t bytes) {
  check(cudaMemsetAsync(to, 0, static_cast<std::size_t>(bytes), of(stream)), "setting to zero");
}

void copy_on_device(void* stream, const void* from, void* to, index_t bytes) {
  check(cudaMemcpyAsync(to, from, static_cast<std::size_t>(bytes), cudaMemcpyDefault, of(stream)),
        "a copy on the device");
}

}  // namespace ir::cuda
#endif
