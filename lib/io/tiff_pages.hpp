#pragma once
#include <array>
#include <string>
#include <vector>

#include "core/dtype.hpp"
#include "io/tiff_directory.hpp"

namespace ir::tiff {

enum class sample_format : std::uint8_t {
  unsigned_integer = 1,
  signed_integer,
  floating,
  untyped,
  complex_integer,
  complex_floating
};
enum class photometric : std::uint16_t {
  min_is_white,
  min_is_black,
  rgb,
  palette,
  mask,
  separated,
  ycbcr
};

/// How the pixels of a page are stored.
struct layout {
  index_t width = 0, height = 0;
  int samples = 1, bits = 1;
  sample_format format = sample_format::unsigned_integer;
  photometric colour = photometric::min_is_black;
  int compression = 1, orientation = 1, fill_order = 1;
  bool planar = false;                        // a plane for each sample, else samples interleaved
  bool tiled = false;                         // else strips
  index_t block_width = 0, block_height = 0;  // of a tile or strip
  friend bool operator==(const layout&, const layout&) = default;

  index_t blocks_across() const { return (width - 1) / block_width + 1; }
  index_t blocks_down() const { return (height - 1) / block_height + 1; }
  index_t block_count() const { return blocks_across() * blocks_down() * (planar ? samples : 1); }
  int samples_a_block() const { return planar ? 1 : samples; }
  /// Bytes of a line of a block, uncompressed; lines are padded to whole bytes.
  index_t line_bytes() const { return (block_width * samples_a_block() * bits + 7) / 8; }
  /// Lines that block `b` holds: the last strip is short, tiles are whole.
  index_t lines_of_block(index_t b) const;
};

/// "64x128 u16", "64x128 u8, 3 samples": for messages.
std::string to_string(const layout&);

struct page {
  index_t directory = 0;  // where it starts
  index_t number = 0;     // in the file, thumbnails counted
  std::size_t layout_no = 0;
  number_list offsets, counts, palette;
};

/// All full-resolution pages of a file.
struct page_index {
  bool big_endian = false;
  std::vector<layout> layouts;  // few: pages may differ in how they are stored
  std::vector<page> pages;
  std::string description;           // ImageDescription of the first page
  std::array<double, 2> per_unit{};  // pixels a unit along x and y; 0: not said
  int unit = 2;                      // ResolutionUnit: 1 none, 2 inch, 3 centimetre

  const layout& layout_of(const page& p) const { return layouts[p.layout_no]; }
};

/// Finds the pages and reads of each what its layout and positions need. Thumbnails and masks
/// (NewSubfileType) are left out.
///
/// data_error: no TIFF; a damaged chain of directories; no page; pages that differ in size, type or
/// colour (both are named); a layout that is contradictory.
page_index read_pages(const byte_source&);

}  // namespace ir::tiff
