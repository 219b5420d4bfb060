#pragma once
#include <optional>
#include <vector>

#include "solver/composite.hpp"

namespace ir {

/// A circulant matrix C near N = sum_i w_i A_i^H D_i A_i, by its symbol, the eigenvalues in the
/// Fourier domain of one image (channels and other leading axes share it):
///
///   exactly N where every A_i is a bank of circular convolutions and no D_i is there;
///   else T. Chan's circulant of the Toeplitz matrix with N's response to a point in the middle,
///   its lags weighed by the triangle 1 - 2 |k| / n: it is positive as N is. Weights D_i and masks
///   stand in it by their means.
///
/// Near are sums of normal operators of: identity; blurs, whatever their boundary; gradient,
/// laplacian and hessian; radon; and of multiples, sums, stacks and products of these and of
/// diagonals.
///
/// Source: T. F. Chan, SIAM J. Sci. Stat. Comput. 9 (1988) 766-771.
class circulant {
 public:
  /// Whether there is one, and something other than a diagonal in it.
  static bool fits(const space& domain, const std::vector<term>& quadratics);
  /// nullopt: the domain is no single real block with spatial axes, or a term is not near.
  /// usage_error: a term that is no quadratic form.
  static std::optional<circulant> near(queue&, const space& domain, precision,
                                       const std::vector<term>& quadratics);
  const space& domain() const { return domain_; }
  /// Whether C is N.
  bool exact() const { return exact_; }
  /// The largest eigenvalue.
  double most() const { return most_; }

  /// x = (C + rho K)^-1 right; K null: 0. Where the eigenvalue is 0, or with matrices that are not
  /// exact below 1e-6 of the largest, it is taken as infinite or as that. x may be `right`.
  void divide(queue&, double rho, const circulant* K, cvec right, vec x) const;

 private:
  circulant(queue&, const space& domain, precision, const std::vector<double>& symbol, bool exact);

  space domain_, waves_;
  bool exact_;
  double most_;
  owned_vec symbol_;
};

/// C^-1 as an operator, self-adjoint and positive: a preconditioner.
op_ptr inverse_of(circulant);

}  // namespace ir
