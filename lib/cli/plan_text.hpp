#pragma once
#include <string>

#include "stage/stage.hpp"

namespace ir {

/// What --dry-run prints: output, device, memory, time, and why; as text of several lines or one
/// JSON object.
std::string plan_text(const stage_plan&);
std::string plan_json(const stage_plan&);

/// "data f32 (z,y,x) 32x64x64" of one array.
std::string describe(const array_info&);
std::string device_text(const device&);  // "cpu", "gpu:0"

}  // namespace ir
