#include "stage/exchange.hpp"

#include <chrono>

namespace ir {

frame_exchange::frame_exchange() : empty_(depth) {}

template <class Ready>
void frame_exchange::wait(std::unique_lock<std::mutex>& lock, const queue& q, const Ready& ready) {
  // The other side wakes us; the timeout is for what it cannot see: a signal, a reader that went
  // away.
  while (!changed_.wait_for(lock, std::chrono::milliseconds(50), ready)) {
    lock.unlock();
    q.poll();
    lock.lock();
  }
}

std::optional<frame> frame_exchange::take_empty(const queue& q) {
  std::unique_lock lock(mutex_);
  wait(lock, q, [&] { return stopped_ || !empty_.empty(); });
  if (stopped_) return {};
  frame f = std::move(empty_.front());
  empty_.pop_front();
  return f;
}

void frame_exchange::give_full(frame&& f) {
  const std::lock_guard lock(mutex_);
  full_.push_back(std::move(f));
  changed_.notify_all();
}

std::optional<frame> frame_exchange::take_full(const queue& q) {
  std::unique_lock lock(mutex_);
  wait(lock, q, [&] { return closed_ || !full_.empty(); });
  if (full_.empty()) {
    if (giver_failed_) std::rethrow_exception(giver_failed_);
    return {};
  }
  frame f = std::move(full_.front());
  full_.pop_front();
  return f;
}

void frame_exchange::give_empty(frame&& f) {
  const std::lock_guard lock(mutex_);
  empty_.push_back(std::move(f));
  changed_.notify_all();
}

void frame_exchange::close() noexcept { fail(nullptr); }

void frame_exchange::fail(std::exception_ptr why) noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  giver_failed_ = std::move(why);
  changed_.notify_all();
}

void frame_exchange::stop() noexcept { stop(nullptr); }

void frame_exchange::stop(std::exception_ptr why) noexcept {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  taker_failed_ = std::move(why);
  changed_.notify_all();
}

void frame_exchange::check() const {
  const std::lock_guard lock(mutex_);
  if (taker_failed_) std::rethrow_exception(taker_failed_);
}

}  // namespace ir
