#pragma once
#include "io/frame.hpp"

namespace ir {

/// How lines of data (along u) find their line of darks and flats: `rows` of `nx` pixels. Line j of
/// a frame belongs to line j / inner mod rows, or, with `row_is_frame`, each frame to one line.
struct reference_match {
  index_t rows = 1, nx = 1, inner = 1;
  bool row_is_frame = false;
};

/// Whether a stream without darks is one whose dark is zero.
enum class dark_is : std::uint8_t { given, zero };

/// The darks and flats of a stream beside its data. data_error: there are none, or other extents or
/// geometry than the data's.
reference_match match_references(const stream_header&, dark_is);

}  // namespace ir
