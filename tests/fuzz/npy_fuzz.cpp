#include "fuzz/format_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ir::test::open_and_read("npy", data, size);
  return 0;
}
