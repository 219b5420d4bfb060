#pragma once
#include <vector>

#include "op/linear_operator.hpp"

namespace ir {

struct norm_options {
  double width = 1e-2;       // wanted: upper - lower <= width * lower
  index_t most_steps = 400;  // applications of A and A^H, together
  double failure = 1e-10;    // probability that a bound from a random start does not hold
  std::uint64_t seed = 1;    // of random starts
};

/// Bounds of ||A||, refined until they are as narrow as asked; A learns them (learn_norm). Wider
/// ones after `most_steps`: the caller decides. In turn, each only while it is needed:
///
///   1. what A knows (linear_operator::norm)
///   2. the image of a constant: a lower bound
///   3. Golub-Kahan-Lanczos bidiagonalisation: Ritz values from below, and from above where the
///      start vector is known to have a share in the top singular vector
///      (largest_eigenvalue_bound): a constant has 1 / n if A has no negative entries, as that
///      vector has none then (Perron, Frobenius); a random direction has enough but for the
///      probability `failure`, which `how` states
///   4. instead of chance, with at most 512 reals in the domain or the range: u^2 I - A^H A has a
///      Cholesky factorisation, so that u is an upper bound
///
/// Rounding of vectors in `precision` is allowed for: about 1e-5 of the norm in f32, 1e-12 in f64.
/// numeric_error: A makes NaN. Memory: four vectors of the domain and three of the range.
bound tight_norm(queue&, const linear_operator& A, precision, const norm_options& = {});

/// Whether a bound is as narrow as asked.
bool is_narrow(const bound&, double width);

/// Bounds of the `count` largest singular values, with multiplicity, largest first, each refined
/// until it is narrow or `most_steps` are used for it; fewer where the domain has fewer reals. A
/// complex operator's values are those of the complex matrix. From below: Ritz values of all
/// vectors found; from above: bounds of A on the complement of the vectors found before.
std::vector<bound> singular_values(queue&, const linear_operator& A, precision, index_t count,
                                   const norm_options& = {});

/// How well <A x, y> = <x, A^H y> holds for random x and y: gap = |difference| / (||A x|| ||y|| +
/// ||x|| ||A^H y||), 0 for A = 0; `allowed` is what rounding explains.
struct adjoint_check {
  double gap, allowed;
  bool holds() const { return gap <= allowed; }
};
adjoint_check check_adjoint(queue&, const linear_operator& A, precision, std::uint64_t seed = 1);

}  // namespace ir
