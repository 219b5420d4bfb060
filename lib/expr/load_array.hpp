#pragma once
#include <string>

#include "io/input.hpp"
#include "op/registry.hpp"

namespace ir::expr {

/// All frames of a file (whatever io/input.hpp opens) as one array of f64, or of pairs where it is
/// complex. Several frames make a leading axis. no_input_error, data_error, memory_error where it
/// takes more than `budget` bytes (0: no limit).
array_ptr load_array(const std::string& name, const input_options&, index_t budget);

/// What an expression names as @file: the same, or a Matrix Market file, NAME.mtx, which is a
/// sparse array if it lists places and a plain one if it lists all values.
array_ptr load_operand(const std::string& name);

}  // namespace ir::expr
