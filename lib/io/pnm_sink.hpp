#pragma once
#include "io/format.hpp"

namespace ir {

/// Images one after the other: P5 or P6 where channels allow it, else PAM; 8 bits, or 16
/// big-endian. usage_error: frames that are no images, values that do not fit (value_writer).
std::unique_ptr<frame_sink> create_pnm(const std::string& path, const stream_header&,
                                       const create_options&);

/// The same with values in f32: Pf or PF, little-endian, bottom row first.
std::unique_ptr<frame_sink> create_pfm(const std::string& path, const stream_header&,
                                       const create_options&);

}  // namespace ir
