#pragma once
#include <memory>
#include <string>

#include "io/format.hpp"

namespace ir {

/// Keyword of the text that holds a note (io/array_note.hpp).
inline constexpr const char* png_note = "ir-tools";

/// One image of 8 or 16 bits. Blocks of lines are filtered and deflated by all threads, each on its
/// own, and joined to one stream; level 1 unless `compression` says otherwise. 4096^2 noisy 16-bit
/// values on an AMD EPYC: 0.8 s of CPU time for all threads (libpng: 1.1 s at level 1, 1.8 s
/// with its defaults, on one), and 0.24 s to read them.
std::unique_ptr<frame_sink> create_png(const std::string& path, const stream_header&,
                                       const create_options&);

}  // namespace ir
