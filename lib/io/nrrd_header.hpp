#pragma once
#include <string>
#include <vector>

#include "io/descriptor.hpp"
#include "io/frame.hpp"
#include "io/metadata.hpp"

namespace ir::nrrd {

/// Key of the note (io/array_note.hpp) in headers of ours.
constexpr const char* note_key = "ir-tools";

enum class encoding : std::uint8_t { raw, gzip };

/// What the attached header of a NRRD file says, in our terms: axes slowest first.
struct header {
  array_info info;  // names (by label, kind, else x y z t from the right), spacing, origin, unit
  metadata_ptr meta;
  std::string along;  // the axis of kind time or list, if it is the slowest
  encoding how = encoding::raw;
  bool big_endian = false;
  index_t data_offset = 0;  // of what `how` encodes
  bool at_end = false;      // raw data are the last bytes of the file (byte skip -1)
};

/// data_error with the reason: no NRRD, a detached header, 64-bit integers, blocks, another
/// encoding, sizes that make no array, fields that contradict each other.
header read_header(const descriptor&);

/// A header that is as long for any number of frames; `along` is null for a single frame.
std::string header_text(const array_info& stored, const axis* along, index_t frames, encoding,
                        const metadata_ptr&);

}  // namespace ir::nrrd
