#pragma once
#include <string>
#include <string_view>

#include "cli/option_table.hpp"

namespace ir {

/// Completion of options, choices and file names for bash; needs nothing but bash 4.4.
std::string bash_completion(std::string_view tool, const option_table&);

/// The same for zsh, as an autoloaded function `_tool`.
std::string zsh_completion(std::string_view tool, const option_table&);

}  // namespace ir
