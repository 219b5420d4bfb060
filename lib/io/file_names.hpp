#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "io/file_name.hpp"

namespace ir {

/// frame2 before frame10: digits are compared as numbers.
bool natural_less(std::string_view a, std::string_view b);

/// The files that a user's names stand for, each with what follows its colon: folders (the files in
/// them that a reader's extension knows), globs and patterns in natural order, names as they come.
/// Names that come in the order of their bytes, as a shell expands a glob, are put in natural order
/// too. no_input_error: no such file.
std::vector<file_name> expand_names(const std::vector<std::string>& names);

}  // namespace ir
