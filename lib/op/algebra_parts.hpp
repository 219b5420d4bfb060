#pragma once
#include <vector>

#include "op/linear_operator.hpp"

// What the files of the algebra share.
namespace ir::detail {

/// usage_error: none, or a null one. `what`: "a sum".
void check_operands(const std::vector<op_ptr>&, const char* what);

/// The adjoint of a product as the product of adjoints, so that A^H A is seen to be mirrored; null:
/// A is no product.
op_ptr adjoint_chain(const op_ptr& A);

}  // namespace ir::detail
