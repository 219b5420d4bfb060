#include "core/host_memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstdlib>

#include "core/error.hpp"

namespace ir {

void* host_allocate(index_t bytes) {
  constexpr std::size_t line = 64, huge = std::size_t{2} << 20;
  const std::size_t alignment = static_cast<std::size_t>(bytes) >= 2 * huge ? huge : line;
  void* memory = nullptr;
  if (::posix_memalign(&memory, alignment, std::max<std::size_t>(bytes, line)) != 0)
    throw memory_error(fmt::format("cannot allocate {} bytes of memory", bytes));
  if (alignment == huge) ::madvise(memory, static_cast<std::size_t>(bytes), MADV_HUGEPAGE);
  return memory;
}

void host_release(void* memory) noexcept { std::free(memory); }

}  // namespace ir
