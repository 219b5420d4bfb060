#pragma once
#include <string>
#include <string_view>

#include "cli/option_table.hpp"

namespace ir {

/// The man page of a tool, section 1, in man(7) macros: the same bytes for the same table.
std::string man_page(std::string_view tool, std::string_view summary, const option_table&);

}  // namespace ir
