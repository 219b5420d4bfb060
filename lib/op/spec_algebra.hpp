#pragma once
#include <vector>

#include "op/op_spec.hpp"

namespace ir {

/// The algebra of operators (op/algebra.hpp) on nodes of an expression. The result's column is that
/// of its first operand until the caller sets it.

/// A B. An adjoint in a chain, whose own domain several shapes fit, takes one that occurs in the
/// chain: adj(downsample(2)) * downsample(2) on 511 columns gives 511 columns.
std::shared_ptr<op_spec> compose(spec_ptr A, spec_ptr B);
std::shared_ptr<op_spec> sum(std::vector<spec_ptr>);
std::shared_ptr<op_spec> scale(double a, spec_ptr A);
/// A^H: its domain is the range of A, whose domain must follow from it (usage_error).
std::shared_ptr<op_spec> adjoint(spec_ptr A);
/// A^H A: needs no such inference.
std::shared_ptr<op_spec> normal(spec_ptr A);
std::shared_ptr<op_spec> stack(std::vector<spec_ptr>);

}  // namespace ir
