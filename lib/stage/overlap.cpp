#include "stage/overlap.hpp"

#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

#include "stage/exchange.hpp"

namespace ir {
namespace {

class prefetch_source final : public frame_source {
 public:
  prefetch_source(std::unique_ptr<frame_source> from, std::shared_ptr<const cancellation> cancel)
      : from_(std::move(from)), cancel_(std::move(cancel)) {}
  ~prefetch_source() override {
    if (!reader_.joinable()) return;
    exchange_.stop();
    // The reader may be blocked on a pipe: only a failed run leaves before the end, so all of it
    // may end.
    if (!ended_ && cancel_) cancel_->request(SIGTERM);
    reader_.join();
  }

  const stream_header& header() const override { return from_->header(); }
  const region_source* regions() const override { return from_->regions(); }

 private:
  void do_deliver(delivery d) override { from_->deliver(d); }

  bool do_next(frame& f, queue& q) override {
    if (ended_) return false;
    if (!reader_.joinable()) reader_ = std::thread([this] { read_ahead(); });
    try {
      std::optional<frame> full = exchange_.take_full(q);
      if (!full) {
        ended_ = true;
        return false;
      }
      frame old = std::move(f);  // the caller's storage goes round
      f = std::move(*full);
      f.data.adopt(q);
      exchange_.give_empty(std::move(old));
      return true;
    } catch (const cancelled&) {
      throw;
    } catch (...) {
      ended_ = true;
      throw;
    }
  }

  void read_ahead() noexcept {
    try {
      queue q({}, cancel_);
      while (std::optional<frame> f = exchange_.take_empty(q)) {
        if (!from_->next(*f, q)) break;
        exchange_.give_full(std::move(*f));
      }
      exchange_.close();
    } catch (...) {
      exchange_.fail(std::current_exception());
    }
  }

  std::unique_ptr<frame_source> from_;
  std::shared_ptr<const cancellation> cancel_;
  frame_exchange exchange_;
  std::thread reader_;
  bool ended_ = false;
};

class behind_sink final : public frame_sink {
 public:
  behind_sink(std::unique_ptr<frame_sink> to, std::shared_ptr<const cancellation> cancel)
      : to_(std::move(to)), cancel_(std::move(cancel)) {}
  ~behind_sink() override { drain(); }

  bool takes_parts() const override { return to_->takes_parts(); }

  void put(frame& f, queue& q) override {
    if (!writer_.joinable()) writer_ = std::thread([this] { write(); });
    std::optional<frame> room = exchange_.take_empty(q);
    if (!room) return exchange_.check();  // throws what stopped the writer
    std::swap(*room, f);
    q.synchronize();
    exchange_.give_full(std::move(*room));
  }

  void finish() override {
    drain();
    exchange_.check();
    to_->finish();
  }
  void commit() override { to_->commit(); }
  void abort(const std::string& tool, exit_code code,
             const std::string& message) noexcept override {
    drain();
    to_->abort(tool, code, message);
  }
  /// Written by the writer's thread, between two frames; while one waits the next replaces it.
  void note(const progress_note& n) override {
    if (!writer_.joinable()) return;
    const std::lock_guard lock(note_mutex_);
    const bool waiting = std::exchange(note_, n).has_value();
    if (waiting) return;
    frame marker;
    marker.array_no = note_marker;
    exchange_.give_full(std::move(marker));
  }

 private:
  static constexpr int note_marker = -1;

  void drain() noexcept {
    if (!writer_.joinable()) return;
    exchange_.close();
    writer_.join();
  }

  void write() noexcept {
    try {
      queue q({}, cancel_);
      while (std::optional<frame> f = exchange_.take_full(q)) {
        if (f->array_no == note_marker) {
          pass_note();
          continue;
        }
        f->data.adopt(q);
        to_->put(*f, q);
        exchange_.give_empty(std::move(*f));
      }
    } catch (...) {
      exchange_.stop(std::current_exception());
    }
  }

  void pass_note() {
    std::unique_lock lock(note_mutex_);
    const std::optional<progress_note> n = std::exchange(note_, std::nullopt);
    lock.unlock();
    if (n) to_->note(*n);
  }

  std::unique_ptr<frame_sink> to_;
  std::shared_ptr<const cancellation> cancel_;
  std::mutex note_mutex_;
  std::optional<progress_note> note_;
  frame_exchange exchange_;
  std::thread writer_;
};

}  // namespace

std::unique_ptr<frame_source> prefetch(std::unique_ptr<frame_source> from,
                                       std::shared_ptr<const cancellation> cancel) {
  return std::make_unique<prefetch_source>(std::move(from), std::move(cancel));
}

std::unique_ptr<frame_sink> write_behind(std::unique_ptr<frame_sink> to,
                                         std::shared_ptr<const cancellation> cancel) {
  return std::make_unique<behind_sink>(std::move(to), std::move(cancel));
}

}  // namespace ir
