#pragma once
#include <array>
#include <string>
#include <vector>

#include "core/dtype.hpp"
#include "io/descriptor.hpp"

namespace ir::tiff {

/// What all pages of a file that is written share.
struct page_format {
  index_t width = 0, height = 0;
  int samples = 1;  // 1 gray; 3 RGB, 4 RGB and alpha, interleaved
  dtype type = dtype::u8;
  int deflate = 0;                   // level; 0: as they are
  std::array<double, 2> per_unit{};  // pixels a unit along x and y; 0: not said
};

/// Writes the pages of a TIFF file one after the other, in little-endian order:
///
///   header, room for either kind | pixels of every page | all directories
///
/// Directories come last, so any number of pages can be written before it is known; the file is a
/// BigTIFF only if it turns out longer than 4 GiB. Nothing depends on the time: the same pages make
/// the same bytes. Uncompressed pages lie without gaps. Compressed ones are strips of about 256
/// KiB, deflated by all threads; integers with the horizontal predictor (the one for floats is
/// unknown to ImageJ and others).
class file_writer {
 public:
  file_writer(const std::string& path, const page_format&);

  /// Lines of the current page, top to bottom; pages follow one another by themselves. io_error.
  void put(const std::byte* lines, index_t count);
  index_t pages() const { return written_lines_ / format_.height; }
  index_t line_bytes() const;
  /// Writes the directories and closes. `description`: of the first page.
  void finish(const std::string& description);

 private:
  struct tag;
  void write(std::span<const std::byte>);
  void deflate_strips(const std::byte* lines, index_t strips);
  index_t strip_lines(index_t strip) const;
  std::vector<tag> tags(index_t page, const std::string& description) const;
  void write_directories(const std::string& description, bool big);

  page_format format_;
  descriptor file_;
  index_t rows_a_strip_ = 0, strips_a_page_ = 1;
  index_t end_ = 0;            // of what is written
  index_t written_lines_ = 0;  // of all pages
  index_t pending_lines_ = 0;  // of the strip that is not complete
  std::vector<std::byte> pending_;
  std::vector<index_t> offsets_, counts_;  // of compressed strips
};

}  // namespace ir::tiff
