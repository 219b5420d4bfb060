#pragma once
#include <string>
#include <string_view>

#include "solver/solver.hpp"

namespace ir {

/// The state of a solver in a file. `problem` tells which problem it belongs to (expression, data,
/// options): a state is restored only into the same. Numbers are kept bit by bit, so that a
/// restored solver goes on with the same bits.
///
/// One record (solver/sealed.hpp), "IRCHECK1": JSON {"problem", "element", "items": [{"name",
/// "bytes"}]}, and the items.

/// Writes beside the target and renames: a crash leaves the checkpoint before. `element`: of a
/// stack. output_error, io_error.
void save_checkpoint(queue&, const std::string& path, std::string_view problem, solver&,
                     index_t element = 0);

/// False: the state is of another element, and nothing was done. no_input_error; data_error:
/// damaged, of another problem, or of another algorithm or size.
bool load_checkpoint(queue&, const std::string& path, std::string_view problem, solver&,
                     index_t element = 0);

/// output_error: no checkpoint can be written to this path, or what is there is none: nothing else
/// is replaced.
void refuse_as_checkpoint(const std::string& path);

}  // namespace ir
