#pragma once
#include <atomic>
#include <exception>

namespace ir {

/// Thrown by queue::poll and by blocking input and output: not an error, run_tool re-raises the
/// signal.
struct cancelled : std::exception {
  explicit cancelled(int s) : signal(s) {}
  const char* what() const noexcept override { return "cancelled"; }
  const int signal;  // SIGINT, SIGTERM, or SIGPIPE where the reader of standard output went away
};

/// A request to stop: a signal came, nobody reads standard output any more, or a test says so.
class cancellation {
 public:
  cancellation();
  ~cancellation();
  cancellation(const cancellation&) = delete;
  cancellation& operator=(const cancellation&) = delete;

  /// Async-signal-safe; the first request counts. Const: whoever may look may also ask.
  void request(int signal) const noexcept;
  int requested() const noexcept { return signal_.load(std::memory_order_relaxed); }  // 0: go on
  /// Becomes readable with the request, so that a blocked poll(2) wakes up.
  int descriptor() const noexcept { return wake_[0]; }
  /// From now on `poll` also asks whether the reader of this pipe or socket went away.
  void watch_reader_of(int fd) noexcept { watched_ = fd; }
  /// Throws `cancelled` if requested.
  void poll() const;

 private:
  mutable std::atomic<int> signal_{0};
  int wake_[2] = {-1, -1};
  int watched_ = -1;
};

}  // namespace ir
