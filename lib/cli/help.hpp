#pragma once
#include <string>
#include <string_view>

#include "cli/option_table.hpp"

namespace ir {

/// The text of --help: usage, summary, options by group, examples.
std::string help_text(std::string_view tool, std::string_view summary, const option_table&);

/// What a tool says when it is started on a terminal without arguments: usage, one example, and
/// where to read on.
std::string short_help(std::string_view tool, std::string_view summary, const option_table&);

}  // namespace ir
