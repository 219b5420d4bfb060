#pragma once
#include <cstdint>

namespace ir {

/// Identity of a device, no state.
struct device {
  enum kind_t : std::uint8_t { cpu, cuda } kind = cpu;
  int ordinal = 0;
  friend bool operator==(const device&, const device&) = default;
};

}  // namespace ir
