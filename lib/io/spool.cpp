#include "io/spool.hpp"

#include <fmt/core.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"

namespace ir {

std::string spool_folder(const std::string& asked) {
  if (!asked.empty()) return asked;
  for (const char* name : {"IR_TMPDIR", "TMPDIR"})
    if (const char* folder = std::getenv(name); folder && *folder) return folder;
  return "/var/tmp";
}

void require_space(const std::string& folder, index_t bytes) {
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) != 0)
    throw memory_error(fmt::format("{}: {}; --tmpdir names a folder for scratch files", folder,
                                   std::strerror(errno)));
  const double room = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
  if (static_cast<double>(bytes) > room)
    throw memory_error(fmt::format(
        "{}: {} bytes of scratch space are needed, {:.0f} are free; --tmpdir names another folder",
        folder, bytes, room));
}

spool_file::spool_file(const std::string& folder) : path_(folder + "/ir-spool-XXXXXX") {
  const int fd = mkstemp(path_.data());
  if (fd < 0)
    throw memory_error(
        fmt::format("{}: no scratch file can be created: {}; --tmpdir names another folder", folder,
                    std::strerror(errno)));
  ::close(fd);
}

void spool_file::unlink() noexcept {
  if (linked_) ::unlink(path_.c_str());
  linked_ = false;
}

}  // namespace ir
