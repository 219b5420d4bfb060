#pragma once
#include <memory>
#include <string>

#include "io/format.hpp"

namespace ir::tiff {

/// Frames become pages, slowest axis first, channels after z: three or four channels of an image
/// are its colours (RGB, alpha), other counts are pages of their own. The description is ImageJ's
/// where ImageJ can read the values, else tifffile's JSON; either carries what else there is to
/// know.
std::unique_ptr<frame_sink> create(const std::string& path, const stream_header&,
                                   const create_options&);

}  // namespace ir::tiff
