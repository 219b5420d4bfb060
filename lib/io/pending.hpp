#pragma once
#include <memory>
#include <string>

namespace ir {

/// A file that gets its name only when it is complete: written under `temporary()`, a hidden name
/// in the target's folder. The destructor removes what was not committed.
class pending_file {
 public:
  enum class existing : unsigned char { refuse, replace };
  /// Creates the temporary, empty. A link is followed: what it points to is written. output_error:
  /// the target exists (refuse), is a folder, a device or write-protected, or its folder
  /// cannot be written to.
  pending_file(std::string target, existing);
  ~pending_file();
  pending_file(pending_file&&) noexcept;
  pending_file& operator=(pending_file&&) = delete;

  const std::string& temporary() const { return temporary_; }
  const std::string& target() const { return target_; }
  /// Once it is written: gives it the mode of what it replaces (else the umask's) and brings it to
  /// the disk. io_error.
  void finish();
  /// After finish: only renames. output_error if the target has appeared meanwhile (refuse).
  void commit();

 private:
  std::string target_, temporary_;
  existing policy_;
};

/// The same for many files of one folder: staged in a hidden folder within it. A folder that does
/// not exist yet appears with the files, all at once.
class pending_folder {
 public:
  pending_folder(std::string folder, pending_file::existing);
  ~pending_folder();
  pending_folder(pending_folder&&) noexcept;

  /// Where a file is written that will be `folder/name`; output_error: it exists (refuse).
  std::string add(const std::string& name);
  void finish();
  void commit();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace ir
