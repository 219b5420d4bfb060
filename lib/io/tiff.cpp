// TIFF and BigTIFF: pages of one size and type as one array.
#include "core/error.hpp"
#include "io/format.hpp"
#include "io/tiff_boxes.hpp"
#include "io/tiff_hints.hpp"
#include "io/tiff_sink.hpp"

namespace ir {
namespace {

bool is_tiff(std::span<const std::byte> b) {
  const auto is = [&](std::size_t i, int value) { return b[i] == std::byte(value); };
  if (b.size() < 8) return false;
  const bool little = is(0, 'I') && is(1, 'I') && (is(2, 42) || is(2, 43)) && is(3, 0);
  const bool big = is(0, 'M') && is(1, 'M') && is(2, 0) && (is(3, 42) || is(3, 43));
  return little || big;
}

file_contents open(const std::string& path, const open_options& options) {
  const auto file = std::make_shared<const descriptor>(descriptor::open_read(path));
  const tiff::byte_source bytes = tiff::bytes_of(file);
  tiff::page_index index = tiff::read_pages(bytes);
  const tiff::layout& how = index.layouts[0];
  std::vector<index_t> palette;
  if (how.colour == tiff::photometric::palette)
    palette = tiff::read_palette(bytes, index.big_endian, index.pages[0], how);
  const tiff::pixel_rule rule = tiff::rule_of(how, palette, bytes.name);
  for (const tiff::layout& other : index.layouts) tiff::rule_of(other, palette, bytes.name);
  tiff::stack s = tiff::stack_of(index, rule, bytes, options);

  file_contents contents;
  contents.meta = s.meta;
  contents.format = "TIFF";
  contents.arrays.push_back(
      std::make_unique<tiff::boxes>(std::move(s.info), file, std::move(index), rule, s.images));
  return contents;
}

const registered<format> entry{{
    .name = "TIFF",
    .extensions = {".tif", ".tiff"},
    .pages = true,
    .sniff = is_tiff,
    .open = open,
    .create = tiff::create,
}};

}  // namespace
}  // namespace ir
