#pragma once
#include <string>
#include <vector>

#include "cli/option_table.hpp"

namespace ir {

/// The arguments sorted by option, before any value is looked at.
struct command_line {
  std::vector<std::vector<std::string>> values;  // one entry per option; of a flag "true" each time
  std::vector<std::string> extras;  // options that do not exist and positionals too many, in order
};

/// Splits `--name value`, `--name=value`, `-n value`, `-nvalue`, bundled flags `-qv`, positionals,
/// and everything after `--` as positionals. The word after an option that takes a value is its
/// value, `-` and `-2` too. usage_error: a value that is missing, or too much (`--flag=x`).
command_line split_arguments(const std::vector<option_info>&,
                             const std::vector<std::string>& arguments);

/// The option with this long or short name; null if there is none.
const option_info* find_option(const std::vector<option_info>&, std::string_view name);

}  // namespace ir
