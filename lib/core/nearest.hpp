#pragma once
#include <span>
#include <string>
#include <string_view>

namespace ir {

/// Fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
int edit_distance(std::string_view a, std::string_view b);

/// The known name that an unknown one was most likely meant to be: one that it begins, or the
/// nearest with at most one mistake in three letters. Empty if there is none.
std::string nearest_name(std::span<const std::string> known, std::string_view unknown);

}  // namespace ir
