#include "io/descriptor.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/error.hpp"

namespace ir {
namespace {

// What a pipe that we write to holds, where the system allows it. With the usual 64 KiB both ends
// wake each other for each of them: 1.15 times the CPU seconds of a bare copy, with this 1.0 times
// (tests/bench/frame_hop_bench, frames of 1 MiB, 2 cores of an AMD EPYC).
constexpr int pipe_bytes = 512 << 10;

// What a test asked for, and the number of calls since.
struct fault_state {
  std::atomic<index_t> most{0}, fail_at{-1}, calls{0};
  std::atomic<int> error{0};

  fault_state() {
    const char* text = std::getenv("IR_FAULTS");
    long long limit = 0, call = -1;
    int code = 0;
    if (text && std::sscanf(text, "%lld,%lld,%d", &limit, &call, &code) >= 1) {
      most = limit, fail_at = call, error = code;
    }
  }
} faulty;

// Bytes that the next call may move; 0 and errno if it is to fail.
std::size_t allowed(std::size_t bytes) {
  if (faulty.calls.fetch_add(1, std::memory_order_relaxed) ==
      faulty.fail_at.load(std::memory_order_relaxed)) {
    errno = faulty.error;
    return 0;
  }
  const auto most = static_cast<std::size_t>(faulty.most.load(std::memory_order_relaxed));
  // Linux moves at most 2^31 - 4096 bytes a call; larger requests only make sanitizers complain.
  return std::min(bytes, most > 0 ? most : std::size_t{1} << 30);
}

[[noreturn]] void fail(const std::string& name, const char* doing) {
  const int error = errno;
  throw io_error(fmt::format("{}: cannot {}: {}", name, doing, std::strerror(error)));
}

std::string own_path(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

void stop_if_asked(const std::shared_ptr<const cancellation>& cancel) {
  if (cancel && cancel->requested() != 0) throw cancelled(cancel->requested());
}

}  // namespace

void descriptor::set_faults(const faults& f) {
  faulty.most = f.most;
  faulty.fail_at = f.fail_at;
  faulty.error = f.error;
  faulty.calls = 0;
}

descriptor::descriptor(int fd, std::string name, std::shared_ptr<const cancellation> cancel)
    : fd_(fd), name_(std::move(name)), cancel_(std::move(cancel)) {
  struct stat s {};
  if (fstat(fd_, &s) != 0) fail(name_, "open");
  kind_ = S_ISFIFO(s.st_mode) ? kind::pipe : S_ISSOCK(s.st_mode) ? kind::socket : kind::file;
  // O_NONBLOCK belongs to the open pipe, which other processes share; an opening of our own is
  // ours.
  if (kind_ != kind::pipe || (fcntl(fd_, F_GETFL) & O_ACCMODE) != O_WRONLY) return;
  if (fcntl(fd_, F_GETPIPE_SZ) < pipe_bytes) fcntl(fd_, F_SETPIPE_SZ, pipe_bytes);
  if (cancel_) unblocked_ = open(own_path(fd_).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

descriptor::descriptor(descriptor&& from) noexcept
    : fd_(std::exchange(from.fd_, -1)),
      unblocked_(std::exchange(from.unblocked_, -1)),
      kind_(from.kind_),
      name_(std::move(from.name_)),
      cancel_(std::move(from.cancel_)) {}

descriptor& descriptor::operator=(descriptor&& from) noexcept {
  std::swap(fd_, from.fd_);
  std::swap(unblocked_, from.unblocked_);
  std::swap(kind_, from.kind_);
  std::swap(name_, from.name_);
  std::swap(cancel_, from.cancel_);
  return *this;
}

descriptor::~descriptor() {
  if (unblocked_ >= 0) ::close(unblocked_);
  if (fd_ > 2) ::close(fd_);
}

descriptor descriptor::open_read(const std::string& path,
                                 std::shared_ptr<const cancellation> cancel) {
  // Without O_NONBLOCK the open itself would wait for the writer of a FIFO, deaf to cancellation.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) throw no_input_error(fmt::format("{}: {}", path, std::strerror(errno)));
  descriptor d(fd, path, std::move(cancel));
  struct stat s {};
  if (fstat(fd, &s) == 0 && S_ISDIR(s.st_mode))
    throw no_input_error(fmt::format("{}: is a folder", path));
  if (fcntl(fd, F_SETFL, O_RDONLY) != 0) fail(path, "open");
  return d;
}

descriptor descriptor::create(const std::string& path, std::shared_ptr<const cancellation> cancel) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) throw output_error(fmt::format("{}: {}", path, std::strerror(errno)));
  return descriptor(fd, path, std::move(cancel));
}

descriptor descriptor::standard_input(std::shared_ptr<const cancellation> cancel) {
  return descriptor(STDIN_FILENO, "standard input", std::move(cancel));
}

descriptor descriptor::standard_output(std::shared_ptr<const cancellation> cancel) {
  return descriptor(STDOUT_FILENO, "standard output", std::move(cancel));
}

bool descriptor::is_pipe() const {
  struct stat s {};
  return fstat(fd_, &s) == 0 && (S_ISFIFO(s.st_mode) || S_ISSOCK(s.st_mode) || S_ISCHR(s.st_mode));
}

index_t descriptor::size() const {
  struct stat s {};
  if (fstat(fd_, &s) != 0) fail(name_, "get the size");
  return s.st_size;
}

// Until the descriptor is ready, or the cancellation asks. A request wakes us at once; that the
// reader of our standard output went away has to be looked for.
void descriptor::wait(short events) const {
  constexpr int look_every = 100;  // ms
  pollfd watched[2] = {{fd_, events, 0}, {cancel_ ? cancel_->descriptor() : -1, POLLIN, 0}};
  for (;;) {
    if (cancel_) cancel_->poll();
    if (::poll(watched, 2, cancel_ ? look_every : -1) < 0 && errno != EINTR) fail(name_, "wait");
    if (watched[0].revents != 0) return;
  }
}

bool descriptor::readable_within(int milliseconds) const {
  if (kind_ == kind::file) return true;
  pollfd watched[2] = {{fd_, POLLIN, 0}, {cancel_ ? cancel_->descriptor() : -1, POLLIN, 0}};
  const int ready = ::poll(watched, 2, milliseconds);
  if (cancel_) cancel_->poll();
  return ready > 0 && watched[0].revents != 0;
}

bool descriptor::writable_now() const {
  pollfd watched{fd_, POLLOUT, 0};
  return kind_ == kind::file || (::poll(&watched, 1, 0) > 0 && watched.revents != 0);
}

index_t descriptor::read_some(std::span<std::byte> to) {
  for (;;) {
    if (kind_ != kind::file)
      wait(POLLIN);
    else
      stop_if_asked(cancel_);
    const std::size_t most = allowed(to.size());
    const ssize_t got = most > 0 || to.empty() ? ::read(fd_, to.data(), most) : -1;
    if (got >= 0) return got;
    if (errno != EINTR && errno != EAGAIN) fail(name_, "read");
  }
}

index_t descriptor::read(std::span<std::byte> to) {
  std::size_t have = 0;
  while (have < to.size()) {
    const index_t got = read_some(to.subspan(have));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return static_cast<index_t>(have);
}

// One call of the system, which does not wait where it can be helped; -1 and errno as writev(2).
index_t descriptor::write_once(std::span<const std::byte> const* pieces, std::size_t count) {
  iovec io[IOV_MAX < 16 ? IOV_MAX : 16];
  std::size_t total = 0, used = 0;
  for (std::size_t i = 0; i < count; ++i) total += pieces[i].size();
  std::size_t most = allowed(total);
  if (most == 0 && total > 0) return -1;
  const bool may_block = kind_ == kind::pipe && cancel_ && unblocked_ < 0;
  if (may_block) {  // the pipe of another user: what a ready pipe always takes
    wait(POLLOUT);
    most = std::min<std::size_t>(most, PIPE_BUF);
  }
  for (std::size_t left = most; used < count && used < std::size(io) && left > 0; ++used) {
    const std::size_t n = std::min(left, pieces[used].size());
    io[used] = {const_cast<std::byte*>(pieces[used].data()), n};
    left -= n;
  }
  if (kind_ == kind::socket) {
    msghdr message{};
    message.msg_iov = io, message.msg_iovlen = used;
    return sendmsg(fd_, &message, MSG_NOSIGNAL | (cancel_ ? MSG_DONTWAIT : 0));
  }
  return writev(unblocked_ >= 0 ? unblocked_ : fd_, io, static_cast<int>(used));
}

void descriptor::write(std::initializer_list<std::span<const std::byte>> all) {
  std::span<const std::byte> pieces[8];
  std::size_t count = 0;
  for (const auto& piece : all)
    if (!piece.empty()) pieces[count++] = piece;
  for (std::size_t first = 0; first < count;) {
    stop_if_asked(cancel_);
    const index_t done = write_once(pieces + first, count - first);
    if (done < 0 && errno == EAGAIN) {
      wait(POLLOUT);
    } else if (done < 0 && errno == EPIPE && fd_ == STDOUT_FILENO) {
      throw cancelled(SIGPIPE);
    } else if (done < 0 && errno != EINTR) {
      fail(name_, "write");
    }
    for (auto left = static_cast<std::size_t>(std::max<index_t>(done, 0)); left > 0;) {
      const std::size_t n = std::min(left, pieces[first].size());
      pieces[first] = pieces[first].subspan(n);
      if (pieces[first].empty()) ++first;
      left -= n;
    }
  }
}

index_t descriptor::read_at(index_t offset, std::span<std::byte> to) const {
  std::size_t have = 0;
  while (have < to.size()) {
    stop_if_asked(cancel_);
    const std::size_t most = allowed(to.size() - have);
    const ssize_t got =
        most > 0 ? pread(fd_, to.data() + have, most, offset + static_cast<index_t>(have)) : -1;
    if (got < 0 && errno != EINTR) fail(name_, "read");
    if (got == 0) break;
    if (got > 0) have += static_cast<std::size_t>(got);
  }
  return static_cast<index_t>(have);
}

void descriptor::write_at(index_t offset, std::span<const std::byte> from) {
  for (std::size_t have = 0; have < from.size();) {
    stop_if_asked(cancel_);
    const std::size_t most = allowed(from.size() - have);
    const ssize_t done =
        most > 0 ? pwrite(fd_, from.data() + have, most, offset + static_cast<index_t>(have)) : -1;
    if (done < 0 && errno != EINTR) fail(name_, "write");
    if (done > 0) have += static_cast<std::size_t>(done);
  }
}

void descriptor::sync() {
  // A pipe or a device has nothing to sync.
  if ((allowed(1) == 0 || fsync(fd_) != 0) && errno != EINVAL && errno != EROFS)
    fail(name_, "write");
}

void descriptor::close() {
  if (unblocked_ >= 0) ::close(std::exchange(unblocked_, -1));
  // A standard stream stays open; closing a second name of it brings its late errors all the same.
  const int closing = fd_ > STDERR_FILENO ? std::exchange(fd_, -1) : fd_ >= 0 ? dup(fd_) : -1;
  if (closing >= 0 && ::close(closing) != 0 && errno != EINTR) fail(name_, "close");
}

}  // namespace ir
