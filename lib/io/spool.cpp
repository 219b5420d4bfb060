#include "io/spool.hpp"

#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/error.hpp"

namespace ir {
namespace {

constexpr index_t room_step = index_t{64} << 20;  // free space is asked for this often

}  // namespace

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
        "{}: {} of scratch space are needed, {} are free; --tmpdir names another folder", folder,
        bytes_text(bytes), bytes_text(static_cast<index_t>(room))));
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

spool::spool(descriptor to, std::string folder)
    : file_(std::make_shared<descriptor>(std::move(to))), folder_(std::move(folder)) {}

spool spool::in_memory(std::shared_ptr<const cancellation> cancel) {
  const int fd = memfd_create("ir-frames", MFD_CLOEXEC);
  if (fd < 0) throw memory_error(fmt::format("no memory for frames: {}", std::strerror(errno)));
  return {descriptor(fd, "memory", std::move(cancel)), ""};
}

spool spool::on_disk(const std::string& folder, std::shared_ptr<const cancellation> cancel) {
  const spool_file name(folder);  // gone at the end of this function, open in the result
  return {descriptor::create(name.path(), std::move(cancel)), folder};
}

void spool::append(std::span<const std::byte> bytes) {
  const auto n = static_cast<index_t>(bytes.size());
  if (!folder_.empty() && size_ + n > checked_) {
    require_space(folder_, n);
    checked_ = size_ + n + room_step;
  }
  file_->write_at(size_, bytes);
  size_ += n;
}

std::string bytes_text(index_t bytes) {
  static constexpr const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

}  // namespace ir
