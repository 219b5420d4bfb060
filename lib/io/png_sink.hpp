#pragma once
#include <memory>
#include <string>

#include "io/format.hpp"

namespace ir {

/// Keyword of the text that holds a note (io/array_note.hpp).
inline constexpr const char* png_note = "ir-tools";

/// One image of 8 or 16 bits. Blocks of lines are filtered and deflated by all threads, each on its
/// own, and joined to one stream; level 1 unless `compression` says otherwise. 4096^2 noisy 16-bit
/// values: 0.9 s of CPU time, which two threads share (libpng with its defaults: 2.4 s on one).
std::unique_ptr<frame_sink> create_png(const std::string& path, const stream_header&,
                                       const create_options&);

}  // namespace ir
