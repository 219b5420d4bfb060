#pragma once
#include "stage/stage.hpp"

namespace ir {

/// Frames out as they come in, in parts, so in flat memory: the stage of ir-read and ir-write,
/// whose work is done by the input and output options.
std::unique_ptr<stage> make_pass();

}  // namespace ir
