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
/// With the polynomials p_0 .. p_k that T makes, step j's unit vector has the component p_j(x)
/// sqrt(share) along the eigenvector of the eigenvalue x, so that p_j(x)^2 share <= 1: the answer
/// is the x above the Ritz value where the largest p_j(x)^2 reaches 1 / least_share. It does not
/// need the vectors to be orthogonal, which rounding makes them lose. It is what the bound of
/// Kuczynski and Wozniakowski is before a Chebyshev polynomial takes the place of the p_j, and
/// never weaker: with a gap in the spectrum far less steps will do.
///
/// Source: J. Kuczynski, H. Wozniakowski, Estimating the largest eigenvalue by the power and
/// Lanczos algorithms with a random start, SIAM J. Matrix Anal. Appl. 13 (1992) 1094-1122.
double largest_eigenvalue_bound(const tridiagonal&, double least_share);

/// The share that a uniformly random direction of R^n has at least in a given one, but for a
/// probability `failure`: failure^2 pi / (2 n), as the density of a component is at most
/// sqrt(n / (2 pi)).
double random_share(index_t n, double failure);

}  // namespace ir
