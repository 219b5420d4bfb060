// NRRD: any bytes are either read or refused.
#include "fuzz/format_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ir::test::open_and_read("nrrd", data, size);
  return 0;
}
