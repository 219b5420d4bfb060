#pragma once
#include <initializer_list>
#include <memory>
#include <span>
#include <string>

#include "core/cancellation.hpp"
#include "core/shape.hpp"

namespace ir {

/// Owner of a file descriptor; every read and write of the library goes through here. Interrupted
/// and short calls are continued; a call that waits for a pipe or socket ends with `cancelled` as
/// soon as the cancellation asks for it. SIGPIPE must be ignored by the process: a reader that went
/// away is `cancelled{SIGPIPE}` on standard output, an io_error elsewhere.
class descriptor {
 public:
  descriptor() = default;
  /// `name` is what messages call it ("standard input", a path).
  descriptor(int fd, std::string name, std::shared_ptr<const cancellation> = {});
  descriptor(descriptor&&) noexcept;
  descriptor& operator=(descriptor&&) noexcept;
  ~descriptor();  // closes what it owns (never 0, 1, 2); errors are ignored: call close() where
                  // they matter

  /// A FIFO is opened at once; its writer is waited for (and cancelled) in the first read.
  /// no_input_error: it does not exist, may not be read, or is a folder.
  static descriptor open_read(const std::string& path, std::shared_ptr<const cancellation> = {});
  /// An empty file that may be read and written; an existing one is emptied. output_error.
  static descriptor create(const std::string& path, std::shared_ptr<const cancellation> = {});
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
  /// Whether a byte or the end comes within this time. Always true for what never waits: files.
  bool readable_within(int milliseconds) const;
  /// Whether a small write (up to PIPE_BUF) would not wait.
  bool writable_now() const;
  /// Everything, in as few calls as the system allows.
  void write(std::span<const std::byte> from) { write({from}); }
  void write(std::initializer_list<std::span<const std::byte>> pieces);
  void write(std::span<const std::byte> head, std::span<const std::byte> body) {
    write({head, body});
  }
  /// Less than asked only at the end of the file. Any thread.
  index_t read_at(index_t offset, std::span<std::byte> to) const;
  void write_at(index_t offset, std::span<const std::byte> from);
  void sync();
  void close();  // io_error, as late errors of network file systems come here

  /// For tests: every call of this process moves at most `most` bytes (0: as many as asked); call
  /// number `fail_at` (from 0, counted from here) fails with `error`. The environment variable
  /// IR_FAULTS="most,fail_at,error" sets the same when a program starts.
  struct faults {
    index_t most = 0;
    index_t fail_at = -1;
    int error = 0;
  };
  static void set_faults(const faults&);

 private:
  enum class kind : unsigned char { file, pipe, socket };
  void wait(short events) const;
  index_t write_once(std::span<const std::byte> const* pieces, std::size_t count);

  int fd_ = -1;
  int unblocked_ = -1;  // the same pipe, opened again without blocking: for writing
  kind kind_ = kind::file;
  std::string name_;
  std::shared_ptr<const cancellation> cancel_;
};

}  // namespace ir
