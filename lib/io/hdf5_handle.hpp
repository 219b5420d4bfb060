#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

namespace ir::hdf5 {

using id = std::int64_t;  // hid_t

/// One thread at a time is inside the library, whichever way it was built; its messages stay off
/// standard error. Every function of this namespace that is called without one takes it itself.
class guard {
 public:
  guard();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

/// Owner of an identifier. Made and closed under a guard.
class handle {
 public:
  handle() = default;
  handle(id i, int (*closing)(id)) : id_(i), close_(closing) {}
  handle(handle&& h) noexcept : id_(std::exchange(h.id_, -1)), close_(h.close_) {}
  handle& operator=(handle&& h) noexcept {
    std::swap(id_, h.id_);
    std::swap(close_, h.close_);
    return *this;
  }
  ~handle();

  operator id() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  /// Closes now, where failing matters. io_error.
  void close(const std::string& what);

 private:
  id id_ = -1;
  int (*close_)(id) = nullptr;
};

/// What the library says of its last failure: the innermost message.
std::string cause();

/// `result` unless it is negative: then throws Error("`what`: cause").
template <class Error, class T>
T check(T result, const std::string& what) {
  if (result < 0) throw Error(what + ": " + cause());
  return result;
}

handle file(id);
handle dataset(id);
handle space(id);
handle type(id);
handle list(id);  // of properties
handle attribute(id);
handle group(id);

}  // namespace ir::hdf5
