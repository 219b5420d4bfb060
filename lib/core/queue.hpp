#pragma once
#include <memory>

#include "core/array.hpp"
#include "core/cancellation.hpp"
#include "core/device.hpp"

namespace ir {

/// All that a compute thread works with: a device, a stream on it, scratch memory, the right to be
/// cancelled. One for each compute thread, never shared; parallelism inside a call is the thread
/// pool's.
class queue {
 public:
  /// device_error if there is no such device or this is a build without CUDA.
  explicit queue(device = {}, std::shared_ptr<const cancellation> = {});
  ~queue();
  queue(const queue&) = delete;
  queue& operator=(const queue&) = delete;

  device where() const;
  void* stream() const;  // cudaStream_t, null on the CPU
  /// Scratch memory of the plan, once; more than was reserved grows it (and is a bug_error inside a
  /// test).
  void reserve(index_t scratch_bytes);
  index_t reserved() const;
  /// Throws `cancelled`. Each frame, each iteration, at least every 100 ms.
  void poll() const;
  void synchronize();
  /// What lives as long as the queue, found by the address of its owner: a cuFFT handle, an event.
  std::shared_ptr<void>& slot(const void* key);
  const std::shared_ptr<const cancellation>& cancel() const;

 private:
  friend class scratch;
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Scratch memory, 64-byte aligned: taken here, given back at the end of the scope, last in first
/// out.
class scratch {
 public:
  scratch(queue&, index_t bytes);
  ~scratch();
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  void* data() const { return data_; }

 private:
  queue* queue_;
  void* data_;
  index_t bytes_;
};

}  // namespace ir
