#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "io/tiff_pages.hpp"

namespace ir::tiff {

/// How a deflated strip or tile has to be read back.
struct prediction {
  int predictor = 1;     // 1 none, 2 differences along a line, 3 the same of the bytes of floats
  bool swapped = false;  // the file has the other byte order
};

/// Whether `inflate` undoes this prediction for these samples; libtiff does the rest.
bool can_inflate(const layout&, const prediction&);

/// All lines of a strip or tile, in the machine's byte order. libtiff's own decoder ends where the
/// lines are full and does not look whether the stream ends there with the right checksum, so
/// damage could pass as pixels; this one does. `out` has room for a whole block, `need` bytes of it
/// have to come (some writers fill up the last strip). Returns why it is damaged, or nothing.
std::string inflate(std::span<const std::byte> packed, const layout&, const prediction&,
                    index_t need, std::span<std::byte> out);

}  // namespace ir::tiff
