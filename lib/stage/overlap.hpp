#pragma once
#include <memory>

#include "io/sink.hpp"
#include "io/source.hpp"

namespace ir {

/// The same frames, read ahead by a thread of its own, so that reading overlaps with computing.
/// Destroying it before the end of the input cancels the reading.
std::unique_ptr<frame_source> prefetch(std::unique_ptr<frame_source>,
                                       std::shared_ptr<const cancellation>);

/// The same sink, fed by a thread of its own. Errors of writing arrive at the next `put` or at
/// `finish`.
std::unique_ptr<frame_sink> write_behind(std::unique_ptr<frame_sink>,
                                         std::shared_ptr<const cancellation>);

}  // namespace ir
