#pragma once
#include <memory>
#include <string>

#include "io/descriptor.hpp"

namespace ir {

/// Folder for scratch files: `asked`, else IR_TMPDIR, else TMPDIR, else /var/tmp (a disk, not
/// memory).
std::string spool_folder(const std::string& asked);

/// memory_error naming folder, bytes needed and bytes free where a scratch file of `bytes` does not
/// fit.
void require_space(const std::string& folder, index_t bytes);

/// A scratch file, readable by its owner only, removed with the object or, once others have it
/// open, by `unlink`.
class spool_file {
 public:
  explicit spool_file(const std::string& folder);  // memory_error: it cannot be created there
  ~spool_file() { unlink(); }
  spool_file(const spool_file&) = delete;
  spool_file& operator=(const spool_file&) = delete;

  const std::string& path() const { return path_; }
  void unlink() noexcept;

 private:
  std::string path_;
  bool linked_ = true;
};

/// Bytes that come one after the other and are read in any order: in memory, or in a scratch file
/// that has no name any more.
class spool {
 public:
  static spool in_memory(std::shared_ptr<const cancellation> = {});
  static spool on_disk(const std::string& folder, std::shared_ptr<const cancellation> = {});
  /// Into a file that has a name; `folder` is looked at for its free space.
  spool(descriptor, std::string folder);

  /// memory_error: the file system is full.
  void append(std::span<const std::byte>);
  index_t size() const { return size_; }
  const std::shared_ptr<descriptor>& file() const { return file_; }

 private:
  std::shared_ptr<descriptor> file_;
  std::string folder_;  // empty: in memory
  index_t size_ = 0, checked_ = 0;
};

/// "3.2 GiB"
std::string bytes_text(index_t);

}  // namespace ir
