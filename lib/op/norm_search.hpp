#pragma once
#include <functional>

#include "op/linear_operator.hpp"

// Steps of tight_norm.
namespace ir::detail {

/// Power iteration x <- A^H A x from x = 1, x kept positive, for A without negative entries: before
/// each step visit(||A x|| / ||x||, sqrt(max_i (A^H A x)_i / x_i)), bounds from below and above;
/// true ends it. Ends too when a step gains less than 5 % of the gap. Returns the steps made.
index_t positive_iteration(queue&, const linear_operator& A, precision, index_t most_steps,
                           const std::function<bool(double lower, double upper)>& visit);

/// Sides of a dense matrix that is factorised within a fraction of a second.
inline constexpr index_t most_dense = 512;

/// Whether u^2 I - A^H A, or u^2 I - A A^H if that is smaller, is positive definite beyond
/// rounding: then ||A|| < u. min(domain, range) applications of both, and n^3 / 6 multiplications.
bool proved_by_cholesky(queue&, const linear_operator& A, precision, double u);

}  // namespace ir::detail
