#pragma once
#include <string>

namespace ir {

/// A file that gets its name only when it is complete: written under `temporary()`, in the target's
/// folder. The destructor removes what was not committed.
class pending_file {
 public:
  enum class existing : unsigned char { refuse, replace };
  /// output_error: the target exists (refuse), is a folder, or its folder cannot be written to.
  pending_file(std::string target, existing);
  ~pending_file();
  pending_file(pending_file&&) noexcept;
  pending_file& operator=(pending_file&&) = delete;

  const std::string& temporary() const { return temporary_; }
  const std::string& target() const { return target_; }
  /// Renames; output_error if the target has appeared meanwhile (refuse).
  void commit();

 private:
  std::string target_, temporary_;
  existing policy_;
};

/// The same for the files of one pattern: staged in a hidden folder beside them.
class pending_folder {
 public:
  pending_folder(std::string folder, pending_file::existing);
  ~pending_folder();
  pending_folder(pending_folder&&) noexcept;

  /// Where a file is written that will be `folder/name`; output_error: it exists (refuse).
  std::string add(const std::string& name);
  void commit();

 private:
  struct impl;
  impl* impl_;
};

}  // namespace ir
