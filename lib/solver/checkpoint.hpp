#pragma once
#include <string>
#include <string_view>

#include "solver/solver.hpp"

namespace ir {

/// The state of a solver in a file. `problem` tells which problem it belongs to (expression, data,
/// options): a state is restored only into the same. Numbers are kept bit by bit, so that a
/// restored solver goes on with the same bits.
///
/// One file: "IRCHECK1", length of the JSON (u64), checksum (XXH3) of the rest, JSON {"problem",
/// "items": [{"name", "bytes"}]}, the items. Little-endian.

/// Writes beside the target and renames: a crash leaves the checkpoint before. output_error,
/// io_error.
void save_checkpoint(queue&, const std::string& path, std::string_view problem, solver&);

/// no_input_error; data_error: damaged, of another problem, or of another algorithm or size.
void load_checkpoint(queue&, const std::string& path, std::string_view problem, solver&);

}  // namespace ir
