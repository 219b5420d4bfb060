// PNM, PAM and PFM: any bytes are either read or refused.
#include "fuzz/format_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bool floats = size > 1 && (data[1] == 'f' || data[1] == 'F');
  ir::test::open_and_read(floats ? "pfm" : "pnm", data, size);
  return 0;
}
