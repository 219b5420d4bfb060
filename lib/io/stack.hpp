#pragma once
#include <string>
#include <vector>

#include "io/format.hpp"
#include "io/input.hpp"

namespace ir {

/// A file of any format but a frame stream, by its first bytes (raw where options say what it is).
/// data_error: no format knows them; they are shown.
file_contents open_file(const file_name&, const open_options&);

/// Many files as one array: images become a stack along a new axis in front, stacks follow each
/// other along theirs. Each file is opened twice: now, to check it, and when it is read. data_error
/// naming both files: another shape or type, or more than one array.
file_contents open_stack(const std::vector<file_name>&, const open_options&);

/// Refuses first bytes that no format knows. data_error, which shows them.
[[noreturn]] void refuse_bytes(std::span<const std::byte> first, const std::string& name);

}  // namespace ir
