#pragma once
#include <vector>

#include "core/index.hpp"

namespace ir {

/// What k steps of Lanczos iteration on a positive operator M make: the symmetric tridiagonal
/// matrix T with `diagonal` (k) and `beside` (k: the last one couples it to the step that comes
/// next).
struct tridiagonal {
  std::vector<double> diagonal, beside;
  index_t size() const { return std::ssize(diagonal); }
};

/// Largest eigenvalue of T, the Ritz value: not above that of M.
double largest_eigenvalue(const tridiagonal&);
/// Unit eigenvector of the eigenvalue, by inverse iteration.
std::vector<double> eigenvector(const tridiagonal&, double eigenvalue);

/// A number that the largest eigenvalue of M does not exceed, if the start vector, a unit vector,
/// has at least the share `least_share` (of its square) in that eigenvector.
///
/// The polynomials p_0 .. p_k that T makes are orthonormal over the start vector's spectral
/// measure, so that no point of the spectrum has a share above 1 / sum_j p_j(x)^2, which falls for
/// x above the Ritz value: the answer is the x where it is `least_share`. It is never weaker than
/// the bound of Kuczynski and Wozniakowski, which puts a Chebyshev polynomial in place of the p_j,
/// and exact where the spectrum has a gap.
///
/// Source: J. Kuczynski, H. Wozniakowski, Estimating the largest eigenvalue by the power and
/// Lanczos algorithms with a random start, SIAM J. Matrix Anal. Appl. 13 (1992) 1094-1122; G.
/// Szego, Orthogonal Polynomials (1939), 3.41 on the largest mass at a point.
double largest_eigenvalue_bound(const tridiagonal&, double least_share);

/// The share that a uniformly random direction of R^n has at least in a given one, but for a
/// probability `failure`: failure^2 pi / (2 n), as the density of a component is at most
/// sqrt(n / (2 pi)).
double least_share(index_t n, double failure);

}  // namespace ir
