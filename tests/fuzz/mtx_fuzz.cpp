// Matrix Market files: any bytes are either read or refused.
#include <cstdint>
#include <string_view>

#include "core/error.hpp"
#include "io/matrix_market.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    ir::read_matrix_market({reinterpret_cast<const char*>(data), size}, "fuzz.mtx");
  } catch (const ir::error&) {
  }
  return 0;
}
