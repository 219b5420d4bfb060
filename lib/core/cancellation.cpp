#include "core/cancellation.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/error.hpp"

namespace ir {

cancellation::cancellation() {
  if (::pipe2(wake_, O_CLOEXEC | O_NONBLOCK) != 0)
    throw io_error(std::string("cannot make a pipe: ") + std::strerror(errno));
}

cancellation::~cancellation() {
  ::close(wake_[0]);
  ::close(wake_[1]);
}

void cancellation::request(int signal) const noexcept {
  int none = 0;
  if (!signal_.compare_exchange_strong(none, signal)) return;
  const int saved = errno;  // a signal handler leaves it as it was
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = ::write(wake_[1], &byte, 1);
  errno = saved;
}

void cancellation::poll() const {
  if (requested() == 0 && watched_ >= 0) {
    // No event asked for: only that the other end is gone is reported.
    pollfd reader{watched_, 0, 0};
    if (::poll(&reader, 1, 0) == 1 && (reader.revents & (POLLERR | POLLHUP)) != 0) request(SIGPIPE);
  }
  if (const int signal = requested()) throw cancelled(signal);
}

}  // namespace ir
