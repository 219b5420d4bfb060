#include "io/tiff_pages.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"

namespace ir::tiff {
namespace {

constexpr std::uint64_t most_extent = std::uint64_t{1} << 31;

/// The tags that matter; the others (descriptions of later pages among them) are never read.
enum tag : int {
  new_subfile_type = 254,
  subfile_type = 255,
  image_width = 256,
  image_length = 257,
  bits_per_sample = 258,
  compression = 259,
  photometric_interpretation = 262,
  fill_order = 266,
  image_description = 270,
  strip_offsets = 273,
  orientation = 274,
  samples_per_pixel = 277,
  rows_per_strip = 278,
  strip_byte_counts = 279,
  x_resolution = 282,
  y_resolution = 283,
  planar_configuration = 284,
  resolution_unit = 296,
  color_map = 320,
  tile_width = 322,
  tile_length = 323,
  tile_offsets = 324,
  tile_byte_counts = 325,
  sample_format_tag = 339,
  image_depth = 32997
};

bool is_secondary(directory_reader& file, const std::vector<entry>& entries) {
  for (const entry& e : entries) {
    if (e.id == new_subfile_type && (file.number(e) & 5) != 0) return true;  // reduced, mask
    if (e.id == subfile_type && file.number(e) == 2) return true;            // reduced
  }
  return false;
}

int small(directory_reader& file, const entry& e) {
  return int(std::min<std::uint64_t>(file.number(e), 0xffff));
}

index_t extent(directory_reader& file, const entry& e) {
  const std::uint64_t n = file.number(e);
  if (n == 0 || n > most_extent) file.fail(fmt::format("tag {} gives an extent of {}", e.id, n));
  return index_t(n);
}

/// The value that all samples share.
int common(directory_reader& file, const entry& e) {
  const auto values = file.numbers(e, 0xffff);
  if (std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) != values.end())
    file.fail(fmt::format("samples of different kinds (tag {}) cannot be read", e.id));
  return int(std::min<std::uint64_t>(values.front(), 0xffff));
}

/// Takes one tag that describes where or how pixels are stored; false: it does not.
bool take_block_tag(directory_reader& file, const entry& e, layout& how, page& where) {
  switch (e.id) {
    case strip_offsets:
    case tile_offsets:
      where.offsets = file.list(e);
      return true;
    case strip_byte_counts:
    case tile_byte_counts:
      where.counts = file.list(e);
      return true;
    case color_map:
      where.palette = file.list(e);
      return true;
    case rows_per_strip:
      if (!how.tiled) how.block_height = index_t(std::min(file.number(e), most_extent));
      return true;
    case tile_width:
      how.tiled = true;
      how.block_width = extent(file, e);
      return true;
    case tile_length:
      how.tiled = true;
      how.block_height = extent(file, e);
      return true;
    default:
      return false;
  }
}

void take_tag(directory_reader& file, const entry& e, layout& how) {
  switch (e.id) {
    case image_width:
      how.width = extent(file, e);
      break;
    case image_length:
      how.height = extent(file, e);
      break;
    case bits_per_sample:
      how.bits = common(file, e);
      break;
    case samples_per_pixel:
      how.samples = small(file, e);
      break;
    case sample_format_tag:
      how.format = sample_format(common(file, e));
      break;
    case photometric_interpretation:
      how.colour = photometric(small(file, e));
      break;
    case compression:
      how.compression = small(file, e);
      break;
    case orientation:
      how.orientation = small(file, e);
      break;
    case fill_order:
      how.fill_order = small(file, e);
      break;
    case planar_configuration:
      how.planar = small(file, e) == 2;
      break;
    case image_depth:
      if (file.number(e) > 1) file.fail("a volume in one page (ImageDepth) cannot be read");
      break;
    default:
      break;
  }
}

void complete(directory_reader& file, layout& how, page& where) {
  if (how.width < 1 || how.height < 1) file.fail("no width or no height");
  if (how.samples < 1) file.fail("no samples");
  if (how.bits < 1 || how.bits > 128) file.fail(fmt::format("{} bits a sample", how.bits));
  if (how.samples == 1) how.planar = false;
  if (!how.tiled) {
    how.block_width = how.width;
    const bool said = how.block_height > 0 && how.block_height < how.height;
    how.block_height = said ? how.block_height : how.height;
  } else if (how.block_width < 1 || how.block_height < 1) {
    file.fail("tiles without a width or a length");
  }
  const index_t limit = (index_t{1} << 56) / std::max(how.height, how.block_height);
  if (how.line_bytes() > limit || how.width * how.samples > limit / 16)
    file.fail(fmt::format("{} is too large", to_string(how)));
  if (where.offsets.count < how.block_count())
    file.fail(fmt::format("{} of {} {}: truncated or damaged", where.offsets.count,
                          how.block_count(), how.tiled ? "tiles" : "strips"));
  if (where.counts.count > 0 && where.counts.count < how.block_count()) where.counts = {};
  if (how.colour != photometric::palette) where.palette = {};
}

bool agree(const layout& a, const layout& b) {
  return a.width == b.width && a.height == b.height && a.samples == b.samples && a.bits == b.bits &&
         a.format == b.format && a.colour == b.colour && a.orientation == b.orientation;
}

void read_first(directory_reader& file, const std::vector<entry>& entries, page_index& index) {
  for (const entry& e : entries) {
    if (e.id == image_description) index.description = file.text(e);
    if (e.id == x_resolution) index.per_unit[0] = file.fraction(e);
    if (e.id == y_resolution) index.per_unit[1] = file.fraction(e);
    if (e.id == resolution_unit) index.unit = small(file, e);
  }
}

std::string type_name(const layout& l) {
  const char* kind = l.format == sample_format::signed_integer     ? "i"
                     : l.format == sample_format::floating         ? "f"
                     : l.format == sample_format::complex_floating ? "c"
                     : l.format == sample_format::complex_integer  ? "complex i"
                                                                   : "u";
  return fmt::format("{}{}", kind, l.bits);
}

}  // namespace

index_t layout::lines_of_block(index_t b) const {
  if (tiled) return block_height;
  const index_t row = b % blocks_down() * block_height;
  return std::min(block_height, height - row);
}

std::string to_string(const layout& l) {
  const std::string one = fmt::format("{}x{} {}", l.height, l.width, type_name(l));
  return l.samples == 1 ? one : fmt::format("{}, {} samples", one, l.samples);
}

page_index read_pages(const byte_source& from) {
  directory_reader file(from);
  page_index index;
  index.big_endian = file.big_endian();
  while (file.position() != 0) {
    page p;
    p.directory = file.position();
    const std::vector<entry> entries = file.next();
    p.number = file.number();
    if (is_secondary(file, entries)) continue;
    layout how;
    for (const entry& e : entries)
      if (!take_block_tag(file, e, how, p)) take_tag(file, e, how);
    complete(file, how, p);
    if (index.pages.empty()) read_first(file, entries, index);
    if (!index.pages.empty() && !agree(how, index.layouts[0]))
      file.fail(fmt::format("{} (kind {}), but page {} is {} (kind {}): not one stack",
                            to_string(how), int(how.colour), index.pages[0].number,
                            to_string(index.layouts[0]), int(index.layouts[0].colour)));
    // Nearly always the layout of the page before.
    const auto found = std::find(index.layouts.rbegin(), index.layouts.rend(), how);
    p.layout_no = std::size_t(index.layouts.rend() - found) - 1;
    if (found == index.layouts.rend()) {
      p.layout_no = index.layouts.size();
      index.layouts.push_back(how);
    }
    index.pages.push_back(p);
  }
  if (index.pages.empty()) throw data_error(from.name + ": a TIFF without a full-resolution image");
  return index;
}

}  // namespace ir::tiff
