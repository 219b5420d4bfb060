#include "io/pending.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace ir {
namespace {

using existing = pending_file::existing;

std::string reason() { return std::strerror(errno); }

struct path_parts {
  std::string folder, name;  // folder: "." where the path has none
};

path_parts split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

std::string join(const std::string& folder, const std::string& name) {
  if (folder == ".") return name;
  return folder.ends_with('/') ? folder + name : folder + '/' + name;
}

/// A hidden name that nobody else uses; names are cut so that any target has one.
std::string hidden_name(const std::string& name) {
  static constexpr char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string tail;
  for (int i = 0; i < 8; ++i) tail += letters[random() % (sizeof letters - 1)];
  return '.' + name.substr(0, 200) + '.' + tail + ".tmp";
}

/// What a link points to, so that the link stays; other paths are themselves.
std::string without_links(std::string path) {
  struct stat s;
  if (lstat(path.c_str(), &s) != 0 || !S_ISLNK(s.st_mode)) return path;
  char* real = realpath(path.c_str(), nullptr);
  if (!real) throw output_error(fmt::format("{}: a link that points to nothing", path));
  path = real;
  std::free(real);
  return path;
}

[[noreturn]] void refuse_existing(const std::string& path) {
  throw output_error(fmt::format("{}: exists already; --force replaces it", path));
}

void check_target(const std::string& path, existing policy) {
  struct stat s;
  if (stat(path.c_str(), &s) != 0) {
    if (errno == ENOENT) return;
    throw output_error(fmt::format("{}: {}", path, reason()));
  }
  if (S_ISDIR(s.st_mode)) throw output_error(fmt::format("{}: is a folder", path));
  if (!S_ISREG(s.st_mode)) throw output_error(fmt::format("{}: is no regular file", path));
  if (policy == existing::refuse) refuse_existing(path);
  if (access(path.c_str(), W_OK) != 0)
    throw output_error(fmt::format("{}: is write-protected", path));
}

[[noreturn]] void refuse_folder(const std::string& folder) {
  const int error = errno;
  struct stat s;
  if (error == ENOENT && stat(folder.c_str(), &s) != 0)
    throw output_error(fmt::format("{}: no such folder", folder));
  errno = error;
  throw output_error(fmt::format("{}: cannot create a file there: {}", folder, reason()));
}

/// Renames unless `to` exists; false if it does.
bool rename_to_new(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  // A file system without that flag: a hard link refuses an existing name as well.
  if (errno == EINVAL && link(from.c_str(), to.c_str()) == 0) return unlink(from.c_str()) == 0;
  if (errno == EEXIST) return false;
  // Nor hard links: what is left is to look first.
  if (access(to.c_str(), F_OK) == 0) return false;
  if (std::rename(from.c_str(), to.c_str()) == 0) return true;
  throw output_error(fmt::format("{}: {}", to, reason()));
}

void give_name(const std::string& temporary, const std::string& target, existing policy) {
  if (policy == existing::refuse) {
    if (!rename_to_new(temporary, target)) refuse_existing(target);
  } else if (std::rename(temporary.c_str(), target.c_str()) != 0) {
    throw output_error(fmt::format("{}: {}", target, reason()));
  }
}

/// Brings what has this path to the disk, or (`all`) everything of its file system at once.
void sync_path(const std::string& path, bool all = false) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw io_error(fmt::format("{}: {}", path, reason()));
  const int failed = all ? syncfs(fd) : fsync(fd);
  const int error = errno;
  close(fd);
  // Some file systems cannot sync a folder and say EINVAL: nothing to be done there.
  if (failed && error != EINVAL) throw io_error(fmt::format("{}: {}", path, std::strerror(error)));
}

/// After the name was given an error can no longer be undone: the data are on the disk already.
void sync_folder(const std::string& folder) noexcept {
  const int fd = open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

void keep_mode(const std::string& of, const std::string& to) {
  struct stat s;
  if (stat(of.c_str(), &s) == 0 && chmod(to.c_str(), s.st_mode & 0777) != 0)
    throw io_error(fmt::format("{}: {}", to, reason()));
}

}  // namespace

pending_file::pending_file(std::string target, existing policy)
    : target_(without_links(std::move(target))), policy_(policy) {
  check_target(target_, policy_);
  const auto [folder, name] = split(target_);
  if (name.empty()) throw output_error(fmt::format("{}: is not the name of a file", target_));
  std::string temporary = join(folder, hidden_name(name));
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) refuse_folder(folder);
  close(fd);
  temporary_ = std::move(temporary);
}

pending_file::pending_file(pending_file&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      policy_(other.policy_) {}

pending_file::~pending_file() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void pending_file::finish() {
  keep_mode(target_, temporary_);
  sync_path(temporary_);
}

void pending_file::commit() {
  give_name(temporary_, target_, policy_);
  temporary_.clear();
  sync_folder(split(target_).folder);
}

struct pending_folder::impl {
  std::string folder, staging;
  existing policy;
  bool created;  // the folder is new: the staging folder becomes it
  std::vector<std::string> names;

  ~impl() {
    if (staging.empty()) return;
    for (const std::string& name : names) unlink(join(staging, name).c_str());
    rmdir(staging.c_str());
  }
};

pending_folder::pending_folder(std::string folder, existing policy)
    : impl_(std::make_unique<impl>()) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  if (folder.empty()) folder.assign(1, '.');
  struct stat s;
  const bool exists = stat(folder.c_str(), &s) == 0;
  if (exists && !S_ISDIR(s.st_mode))
    throw output_error(fmt::format("{}: is a file, not a folder", folder));
  const auto [parent, name] = split(folder);
  const std::string staging =
      exists ? join(folder, hidden_name("ir")) : join(parent, hidden_name(name));
  if (mkdir(staging.c_str(), 0777) != 0) refuse_folder(exists ? folder : parent);
  impl_->folder = std::move(folder);
  impl_->staging = staging;
  impl_->policy = policy;
  impl_->created = !exists;
}

pending_folder::~pending_folder() = default;
pending_folder::pending_folder(pending_folder&&) noexcept = default;

std::string pending_folder::add(const std::string& name) {
  check_target(join(impl_->folder, name), impl_->policy);
  impl_->names.push_back(name);
  return join(impl_->staging, name);
}

void pending_folder::finish() {
  constexpr std::size_t few = 32;  // above, one sync of the file system is less than one a file
  for (const std::string& name : impl_->names) {
    keep_mode(join(impl_->folder, name), join(impl_->staging, name));
    if (impl_->names.size() <= few) sync_path(join(impl_->staging, name));
  }
  if (impl_->names.size() > few) sync_path(impl_->staging, true);
}

void pending_folder::commit() {
  impl& p = *impl_;
  if (p.created && rename_to_new(p.staging, p.folder)) {
    p.staging.clear();
    return sync_folder(split(p.folder).folder);
  }
  // All names are looked at before the first is given: all or none, but for a race.
  for (const std::string& name : p.names) check_target(join(p.folder, name), p.policy);
  for (const std::string& name : p.names)
    give_name(join(p.staging, name), join(p.folder, name), p.policy);
  sync_folder(p.folder);
}

}  // namespace ir
