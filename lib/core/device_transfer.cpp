#ifdef IR_WITH_CUDA
#include <cuda_runtime_api.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/device_runtime.hpp"
#include "core/parallel.hpp"
#include "core/queue.hpp"

namespace ir::cuda {
namespace {

constexpr index_t half = index_t{8} << 20;  // bytes of one of the two buffers

/// Two pinned buffers: the threads fill or empty one while the device moves the other.
class staging {
 public:
  struct buffer {
    void* data = nullptr;
    cudaEvent_t done = nullptr;  // the device has moved what is in it
  };

  staging() {
    for (buffer& b : buffers) {
      check(cudaHostAlloc(&b.data, half, cudaHostAllocDefault), "allocating pinned memory");
      check(cudaEventCreateWithFlags(&b.done, cudaEventDisableTiming), "a new event");
    }
  }
  ~staging() {
    for (const buffer& b : buffers) {
      if (b.done != nullptr) {
        (void)cudaEventSynchronize(b.done);
        (void)cudaEventDestroy(b.done);
      }
      (void)cudaFreeHost(b.data);
    }
  }
  staging(const staging&) = delete;
  staging& operator=(const staging&) = delete;

  static staging& of(queue& q) {
    static const char key = 0;
    std::shared_ptr<void>& slot = q.slot(&key);
    if (!slot) slot = std::make_shared<staging>();
    return *static_cast<staging*>(slot.get());
  }

  std::array<buffer, 2> buffers;
};

cudaStream_t stream_of(const queue& q) { return static_cast<cudaStream_t>(q.stream()); }

void move_on_host(const void* from, void* to, index_t bytes) {
  run_blocks(bytes, index_t{1} << 20, [=](index_t begin, index_t end) noexcept {
    std::memcpy(static_cast<std::byte*>(to) + begin, static_cast<const std::byte*>(from) + begin,
                static_cast<std::size_t>(end - begin));
  });
}

}  // namespace

void upload(queue& q, const void* from, void* to, index_t bytes) {
  make_current(q.where().ordinal);
  staging& s = staging::of(q);
  for (index_t at = 0, turn = 0; at < bytes; at += half, ++turn) {
    const staging::buffer& b = s.buffers[static_cast<std::size_t>(turn % 2)];
    const index_t some = std::min(half, bytes - at);
    check(cudaEventSynchronize(b.done), "an upload");
    move_on_host(static_cast<const std::byte*>(from) + at, b.data, some);
    check(cudaMemcpyAsync(static_cast<std::byte*>(to) + at, b.data, static_cast<std::size_t>(some),
                          cudaMemcpyHostToDevice, stream_of(q)),
          "an upload");
    check(cudaEventRecord(b.done, stream_of(q)), "an upload");
  }
}

void download(queue& q, const void* from, void* to, index_t bytes) {
  make_current(q.where().ordinal);
  staging& s = staging::of(q);
  const index_t pieces = (bytes + half - 1) / half;
  const auto size_of_piece = [=](index_t p) { return std::min(half, bytes - p * half); };
  // Piece p is on its way while piece p - 1 is taken out. An upload before may still read a buffer:
  // stream order keeps the device from overwriting it.
  for (index_t p = 0; p <= pieces; ++p) {
    if (p < pieces) {
      const staging::buffer& b = s.buffers[static_cast<std::size_t>(p % 2)];
      check(cudaMemcpyAsync(b.data, static_cast<const std::byte*>(from) + p * half,
                            static_cast<std::size_t>(size_of_piece(p)), cudaMemcpyDeviceToHost,
                            stream_of(q)),
            "a download");
      check(cudaEventRecord(b.done, stream_of(q)), "a download");
    }
    if (p == 0) continue;
    const staging::buffer& b = s.buffers[static_cast<std::size_t>((p - 1) % 2)];
    check(cudaEventSynchronize(b.done), "a download");
    move_on_host(b.data, static_cast<std::byte*>(to) + (p - 1) * half, size_of_piece(p - 1));
  }
}

}  // namespace ir::cuda
#endif
