#pragma once
#include <string>
#include <vector>

#include "cli/option_table.hpp"

namespace ir {

/// "--psf FILE [OPTION]... [INPUT]...": what is required is shown by name.
std::string usage_of(const option_table&);

/// The value of an option as help shows it: "N", "FILE", "rl|wiener"; empty for a flag.
std::string value_name(const option_info&);

/// "(required, above 0, default 1.5)"; empty where there is nothing to say.
std::string remarks_on(const option_info&);

/// Headings that have a visible option, in the order of their declaration.
std::vector<std::string> groups_of(const option_table&);
/// Visible options below a heading.
std::vector<option_info> options_in(const option_table&, const std::string& group);
std::vector<option_info> positionals_of(const option_table&);

/// A shell command on one line if it fits, else continued after each `|` and `&&`, and before an
/// option where a part is still too long. It can be pasted into a shell as it stands.
std::vector<std::string> command_lines(const std::string& command, std::size_t width);

}  // namespace ir
