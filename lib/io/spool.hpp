#pragma once
#include <string>

#include "core/shape.hpp"

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

}  // namespace ir
