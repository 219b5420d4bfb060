#pragma once
#include <memory>
#include <string_view>

#include "core/array.hpp"
#include "core/cancellation.hpp"
#include "core/device.hpp"

namespace ir {

/// Hears what a computation tells while it runs: run_tool shows it, a test may look at it. Called
/// on the queue's thread.
struct listener {
  virtual ~listener() = default;
  /// `unit` is "iteration", "tile", ...; total 0: not known.
  virtual void progress(std::string_view unit, index_t done, index_t total) = 0;
  /// A number worth knowing: "sigma", "i_divergence"; shown by -v, in --json and --report. The last
  /// of a name counts.
  virtual void fact(std::string_view name, double value) = 0;
  /// A line that the user has asked for besides the result: an explanation.
  virtual void say(std::string_view) {}
};

/// All that a compute thread works with: a device, a stream on it, scratch memory, the right to be
/// cancelled. One for each compute thread, never shared; parallelism inside a call is the thread
/// pool's.
class queue {
 public:
  /// device_error if there is no such device, this is a build without CUDA, or IR_ISA asks for a
  /// level that the processor lacks.
  explicit queue(device = {}, std::shared_ptr<const cancellation> = {});
  ~queue();
  queue(const queue&) = delete;
  queue& operator=(const queue&) = delete;

  device where() const;
  void* stream() const;  // cudaStream_t, null on the CPU
  /// The stream as memory in its order holds it: it may outlive the queue.
  const std::shared_ptr<void>& stream_owner() const;
  /// Scratch memory of the plan, once. Who takes more than was reserved makes it grow, which costs
  /// an allocation, and which tests see in `reserved`.
  void reserve(index_t scratch_bytes);
  index_t reserved() const;
  /// Throws `cancelled`. Each frame, each iteration, at least every 100 ms.
  void poll() const;
  void synchronize();
  /// What lives as long as the queue, found by the address of its owner: a cuFFT handle, an event.
  std::shared_ptr<void>& slot(const void* key);
  const std::shared_ptr<const cancellation>& cancel() const;
  void listen(std::shared_ptr<listener>);
  void progress(std::string_view unit, index_t done,
                index_t total) const;  // nobody listens: nothing happens
  void fact(std::string_view name, double value) const;
  void say(std::string_view line) const;

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
