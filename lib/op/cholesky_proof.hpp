#pragma once
#include "op/linear_operator.hpp"

// Proofs for tight_norm.
namespace ir::detail {

/// Sides of a dense matrix that is factorised within a fraction of a second.
inline constexpr index_t most_dense = 512;

/// Whether u^2 I - A^H A, or u^2 I - A A^H if that is smaller, is positive definite beyond
/// rounding: then ||A|| < u. min(domain, range) applications of both, and n^3 / 6 multiplications.
bool proved_by_cholesky(queue&, const linear_operator& A, precision, double u);

}  // namespace ir::detail
