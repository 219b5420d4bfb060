#pragma once
#include <string>
#include <vector>

#include "cli/option_table.hpp"

namespace ir {

/// The visible option that an unknown one was most likely meant to be (core/nearest.hpp), dashes
/// aside. Empty if there is none.
std::string nearest_option(const std::vector<option_info>&, std::string_view unknown);

}  // namespace ir
