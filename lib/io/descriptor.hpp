#pragma once
#include <memory>
#include <span>
#include <string>

#include "core/cancellation.hpp"
#include "core/shape.hpp"

namespace ir {

/// Owner of a file descriptor; every read and write of the library goes through here. Interrupted
/// and short calls are retried; a blocked call ends with `cancelled` when the cancellation asks for
/// it.
class descriptor {
 public:
  descriptor() = default;
  /// `name` is what messages call it ("standard input", a path).
  descriptor(int fd, std::string name, std::shared_ptr<const cancellation> = {});
  descriptor(descriptor&&) noexcept;
  descriptor& operator=(descriptor&&) noexcept;
  ~descriptor();  // closes what it owns (never 0, 1, 2); errors are ignored: call close() where
                  // they matter

  static descriptor open_read(const std::string& path, std::shared_ptr<const cancellation> = {});
  static descriptor standard_input(std::shared_ptr<const cancellation> = {});
  static descriptor standard_output(std::shared_ptr<const cancellation> = {});

  int fd() const { return fd_; }
  const std::string& name() const { return name_; }
  bool is_pipe() const;  // FIFO, socket or character device: not seekable
  index_t size() const;  // of a regular file

  /// As many bytes as come before the end of the input; less than asked only at the end.
  index_t read(std::span<std::byte> to);
  /// At least one byte unless at the end.
  index_t read_some(std::span<std::byte> to);
  void write(std::span<const std::byte> from);
  void write(std::span<const std::byte> head, std::span<const std::byte> body);  // writev
  index_t read_at(index_t offset, std::span<std::byte> to) const;                // any thread
  void write_at(index_t offset, std::span<const std::byte> from);
  void sync();
  void close();  // io_error, as late errors of network file systems come here

  /// For tests: every call of this process moves at most `most` bytes; call number `fail_at` fails
  /// with `error`.
  struct faults {
    index_t most = 0;
    index_t fail_at = -1;
    int error = 0;
  };
  static void set_faults(const faults&);

 private:
  int fd_ = -1;
  std::string name_;
  std::shared_ptr<const cancellation> cancel_;
};

}  // namespace ir
