#pragma once
#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>

#include "core/queue.hpp"
#include "io/frame.hpp"

namespace ir {

/// Hands frames from one thread to another and the empty ones back: three recycled frames, so that
/// one side can fill one while the other empties another. An exception of either side ends the
/// exchange for both.
class frame_exchange {
 public:
  static constexpr int depth = 3;
  frame_exchange();

  /// An empty frame to fill; nullopt once the other side has stopped.
  std::optional<frame> take_empty(const queue& poll);
  void give_full(frame&&);
  /// A full frame; nullopt after `close`, once all were taken. Rethrows what the giver failed with.
  std::optional<frame> take_full(const queue& poll);
  void give_empty(frame&&);

  void close() noexcept;                   // giver: no more frames
  void fail(std::exception_ptr) noexcept;  // giver: frames so far, then this
  void stop() noexcept;                    // taker: wants no more
  void stop(std::exception_ptr) noexcept;  // taker: because of this, told to the giver
  /// Giver: rethrows what the taker stopped with.
  void check() const;

 private:
  template <class Ready>
  void wait(std::unique_lock<std::mutex>&, const queue& poll, const Ready&);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<frame> empty_, full_;
  bool closed_ = false, stopped_ = false;
  std::exception_ptr giver_failed_, taker_failed_;
};

}  // namespace ir
