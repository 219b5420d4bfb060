#pragma once
#include "cli/option_table.hpp"

namespace ir {

/// --flat and --dark: what makes transmissions of a plain stack; they join the input's frames
/// (io/scan.hpp).
void declare_references(option_table&);
/// --angles: what makes projections of it.
void declare_angles(option_table&);

}  // namespace ir
