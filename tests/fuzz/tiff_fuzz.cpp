// Directories, tables and descriptions of TIFF files: any bytes are either understood or refused.
#include <cstring>

#include "core/error.hpp"
#include "io/format.hpp"
#include "io/tiff_hints.hpp"
#include "io/tiff_pages.hpp"
#include "io/tiff_pixels.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ir::tiff;
  const byte_source file{"input", ir::index_t(size), [&](ir::index_t at, std::span<std::byte> to) {
                           if (at < 0 || at + ir::index_t(to.size()) > ir::index_t(size))
                             __builtin_trap();  // whoever reads has to look at the size first
                           if (!to.empty()) std::memcpy(to.data(), data + at, to.size());
                         }};
  try {
    const page_index pages = read_pages(file);
    const layout& how = pages.layouts[0];
    std::vector<ir::index_t> palette;
    if (how.colour == photometric::palette)
      palette = read_palette(file, pages.big_endian, pages.pages[0], how);
    const pixel_rule rule = rule_of(how, palette, file.name);
    const stack s = stack_of(pages, rule, file, {});
    for (const page& p : pages.pages) {
      const layout& l = pages.layout_of(p);
      const ir::index_t last = l.block_count() - 1;
      read_numbers(file, pages.big_endian, p.offsets, last, 1);
      if (l.lines_of_block(last) < 1 || l.lines_of_block(last) > l.block_height) __builtin_trap();
    }
    ir::index_t images = 1;
    const std::size_t page_rank = rule.channels > 1 ? 3 : 2;
    for (std::size_t i = 0; i + page_rank < s.info.axes.size(); ++i) images *= s.info.axes[i].size;
    if (images != s.images) __builtin_trap();
  } catch (const ir::data_error&) {
  }
  return 0;
}
