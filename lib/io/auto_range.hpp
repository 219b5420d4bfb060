#pragma once
#include "io/output.hpp"

namespace ir {

/// --range auto: keeps the frames in a scratch file until the least and the greatest value of the
/// whole stack are known, then writes `target` with that range.
std::unique_ptr<frame_sink> auto_range(const std::string& target, const stream_header&,
                                       const output_options&, std::shared_ptr<const cancellation>);

}  // namespace ir
