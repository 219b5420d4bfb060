#pragma once
#include <string>

namespace ir {

/// "ir-read (ir-tools) 0.1.0", with `libraries` also their versions, CUDA and the instruction-set
/// level.
std::string version_text(const std::string& tool, bool libraries);

}  // namespace ir
