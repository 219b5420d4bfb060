#pragma once
#include "io/descriptor.hpp"

namespace ir::pnm {

/// One image of a PNM, PAM or PFM file.
struct header {
  char kind = 0;  // '2' '3' '5' '6' '7', 'f', 'F': the second character of the magic
  index_t width = 0, height = 0, channels = 1;
  index_t maximum = 0;      // of PNM and PAM
  double scale = 0;         // of PFM: negative for little-endian
  index_t data_offset = 0;  // in the file

  bool is_text() const { return kind == '2' || kind == '3'; }
  bool is_float() const { return kind == 'f' || kind == 'F'; }
  index_t sample_bytes() const { return is_float() ? 4 : maximum > 255 ? 2 : 1; }
  bool same_kind(const header& o) const {
    return kind == o.kind && width == o.width && height == o.height && channels == o.channels &&
           maximum == o.maximum && scale == o.scale;
  }
};

/// The header that begins at `offset`. data_error with the reason.
header read_header(const descriptor&, index_t offset);

/// The header of a binary image: P5 or P6 where channels allow it, else PAM.
std::string header_text(index_t width, index_t height, index_t channels, index_t maximum);

}  // namespace ir::pnm
