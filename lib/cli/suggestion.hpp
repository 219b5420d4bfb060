#pragma once
#include <string>
#include <vector>

#include "cli/option_table.hpp"

namespace ir {

/// Fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
int edit_distance(std::string_view a, std::string_view b);

/// The visible option that an unknown one was most likely meant to be: the name that it begins, or
/// the nearest name with at most one mistake in three letters. Empty if there is none.
std::string nearest_option(const std::vector<option_info>&, std::string_view unknown);

}  // namespace ir
