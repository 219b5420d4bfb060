#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "io/descriptor.hpp"
#include "io/format.hpp"

namespace ir::test {

/// A file in memory that holds these bytes and has a path.
class memory_file {
 public:
  memory_file(const std::uint8_t* data, std::size_t size)
      : file_(memfd_create("fuzz", MFD_CLOEXEC), "input") {
    file_.write(std::as_bytes(std::span(data, size)));
    lseek(file_.fd(), 0, SEEK_SET);
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_.fd()); }
  descriptor open() const { return descriptor::open_read(path()); }

 private:
  descriptor file_;
};

/// Any bytes are either read or refused with an error of ours: opens them as this format and reads
/// every array, slab by slab where it is large.
inline void open_and_read(const char* format_name, const std::uint8_t* data, std::size_t size) {
  constexpr index_t most = index_t{1} << 20;  // bytes a read
  const memory_file file(data, size);
  try {
    const file_contents contents = format_named(format_name)->open(file.path(), {});
    for (const auto& array : contents.arrays) {
      const shape all = extents_of(array->info());
      std::vector<index_t> origin(static_cast<std::size_t>(all.rank()), 0), n = origin;
      index_t bytes = size_of(array->info().type);
      for (int i = all.rank(); i-- > 0;) {  // a box at the beginning, one at the end
        n[static_cast<std::size_t>(i)] = std::clamp<index_t>(most / bytes, 1, all[i]);
        bytes *= n[static_cast<std::size_t>(i)];
      }
      std::vector<std::byte> values(static_cast<std::size_t>(bytes));
      const auto read = [&] {
        array->read(shape(origin), shape(n), ref(values.data(), array->info().type, shape(n)));
      };
      read();
      for (int i = 0; i < all.rank(); ++i)
        origin[static_cast<std::size_t>(i)] = all[i] - n[static_cast<std::size_t>(i)];
      read();
    }
  } catch (const error&) {
  }
}

}  // namespace ir::test
