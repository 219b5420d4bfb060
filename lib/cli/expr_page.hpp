#pragma once
#include <string>

namespace ir {

/// The man page ir-expr(7): the grammar, and every operator that registers itself with its
/// arguments.
std::string expr_page();

}  // namespace ir
