#pragma once
#include <vector>

#include "op/linear_operator.hpp"

namespace ir {

/// Expressions of operators. Each function returns an operator over the spaces that follow from its
/// operands (shape_error naming both where they do not fit; usage_error for an empty list or a null
/// operand), shares the operands, infers traits, and bounds its norm from theirs each time it is
/// asked, so that what a leaf learns later tightens every expression above it.
///
/// Bounds, L <= ||A|| <= U, unknown if a bound that they need is unknown:
///
///   A B           U = U_A U_B. L = 0, but a factor that keeps lengths only scales: on the left one
///                 with A^H A = c I, on the right one with A A^H = c I. B^H B and longer mirrored
///                 chains: the square of the bounds of their half.
///   A_1 + A_2     U = sum U_i, L = max(0, L_i - sum of the other U); positive ones: L = max L_i
///   a A           |a| times both
///   [A_1; A_2]    U^2 = sum U_i^2, L = max L_i; parts with A^H A = c I add exactly c to the square
///   [A_1, A_2]    the same of the adjoints
///   diagonal      max U_i, max L_i
///   A^H W A       U = max(w) U^2, L = min(w) L^2

/// A B: first B, then A. Chains are flattened; the identity disappears.
op_ptr compose(op_ptr A, op_ptr B);
/// A_1 + A_2 + ...
op_ptr sum(std::vector<op_ptr>);
/// a A, any finite a.
op_ptr scale(double a, op_ptr A);
/// A^H, a view: adjoint(adjoint(A)) is A, and so is that of a self-adjoint A.
op_ptr adjoint(op_ptr A);
/// A^H A through A's own `normal`; with a weight A^H W A, W diagonal on the range, >= 0
/// (usage_error). The weight is copied.
op_ptr normal(op_ptr A);
op_ptr normal(queue&, op_ptr A, cvec weight);
/// [A_1; A_2; ...]: one domain, the range is the product of the ranges.
op_ptr stack(std::vector<op_ptr>);
/// [A_1, A_2, ...]: the domain is the product of the domains, one range.
op_ptr side_by_side(std::vector<op_ptr>);
/// A_i from block i of the product of the domains to block i of the product of the ranges.
op_ptr block_diagonal(std::vector<op_ptr>);

/// The operator that `A` is the adjoint view of; null: it is none.
op_ptr adjoint_of(const linear_operator& A);

}  // namespace ir
