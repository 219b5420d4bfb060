#pragma once
#include "stage/stage.hpp"

namespace ir {

/// Several stages as one in this process: the output of each is the input of the next, frames stay
/// on the device. The same bytes as the programs joined by pipes. If one stage chooses a GPU, all
/// run there. usage_error in plan: a stage after the first needs random access to its input.
std::unique_ptr<stage> chain(std::vector<std::unique_ptr<stage>>);

}  // namespace ir
