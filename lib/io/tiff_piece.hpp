#pragma once
#include <memory>
#include <vector>

#include "io/descriptor.hpp"
#include "io/tiff_codec.hpp"
#include "io/tiff_pages.hpp"
#include "io/tiff_pixels.hpp"

namespace ir::tiff {

/// A rectangle inside one strip or tile (or inside uncompressed strips that lie one after the
/// other) and where its values go.
struct piece {
  const page* from = nullptr;
  const layout* how = nullptr;
  index_t block = 0;           // number of the strip or tile
  index_t stored = -1;         // uncompressed: where in the file line `top` of the block starts
  index_t top = 0, lines = 0;  // inside the block
  index_t left = 0, columns = 0;
  int channel = 0, channels = 1;  // of the pixels in the block, after palette expansion
  std::byte* to = nullptr;        // first value of the first line and channel
  index_t line_step = 0, column_step = 0, channel_step = 0;  // bytes; negative where flipped
};

/// Reads pieces of one file; any thread.
class piece_reader {
 public:
  piece_reader(std::shared_ptr<const descriptor>, bool big_endian, pixel_rule);
  const byte_source& bytes() const { return bytes_; }

  /// data_error: cut short or damaged.
  void read(const piece&) const;

 private:
  void read_stored(const piece&) const;
  void deliver(const piece&, const std::byte* lines, index_t stride, index_t left) const;
  void deliver_typed(const piece&, const std::byte* lines, index_t stride, index_t left) const;
  void deliver_palette(const piece&, const std::byte* lines, index_t stride, index_t left) const;

  std::shared_ptr<const descriptor> file_;
  byte_source bytes_;
  bool swapped_, big_endian_;
  pixel_rule rule_;
  block_decoder decoder_;
};

/// Positioned reads of a file; data_error where it ends before.
byte_source bytes_of(std::shared_ptr<const descriptor>);

}  // namespace ir::tiff
