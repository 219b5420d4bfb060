#pragma once
#include <string>

#include "solver/circulant.hpp"
#include "solver/composite.hpp"
#include "solver/normal_equations.hpp"
#include "solver/solver.hpp"

namespace ir {

struct inner_options {
  /// Conjugate gradients from the x before: until the residual has fallen to this part.
  double reduction = 0.02;
  /// At most so many; absent: 50, with a preconditioner 2, as the next minimum is near this one.
  std::optional<index_t> iterations{};
};

/// minimise sum_i w_i/2 ||A_i x - c_i||^2_{D_i} + rho/2 ||K x - v||^2, again and again:
///
///   (N + rho K^H K) x = b + rho K^H v,   N = sum_i w_i A_i^H D_i A_i,  b = sum_i w_i A_i^H D_i c_i
///
/// Exactly in the Fourier domain where every A_i and K_j is a bank of circular convolutions of one
/// real block (traits: convolution_bank) and no D_i is there. Else by conjugate gradients,
/// preconditioned by the circulant matrix near N + rho K^H K where there is one
/// (solver/circulant.hpp).
class quadratic_problem {
 public:
  /// usage_error: a term that is no quadratic form.
  quadratic_problem(queue&, const space& domain, precision, const std::vector<term>& quadratics,
                    const coupled_sum& K, const inner_options&);

  /// x: the start of conjugate gradients, then the minimiser.
  void solve(queue&, double rho, cvec v, const inner_product&, vec x);
  const std::string& how() const { return how_; }
  /// Whether it has a preconditioner.
  bool preconditioned() const { return z_.has_value(); }
  /// Standard deviation of x = (N + r K^H K)^-1 b with the circulant matrices, r small: how far
  /// values will lie apart. Only where preconditioned.
  double spread(queue&, const inner_product&);
  /// Between two solutions: with a preconditioner the residual is carried on, which saves a product
  /// with N.
  void state(state_archive&);

 private:
  void apply(queue&, double rho, cvec x, vec Mx) const;  // (N + rho K^H K) x
  void iterate(queue&, double rho, cvec right, const inner_product&, vec x);
  void find_residual(queue&, double rho, cvec right, vec x);
  double precondition(queue&, double rho, const inner_product&);  // z_, and <r, z>

  const coupled_sum& K_sum_;
  inner_options options_;
  std::string how_;
  normal_equations of_F_;           // N and b
  std::optional<circulant> N_, K_;  // both or none: near N and K^H K
  owned_vec r_, p_, Mp_;
  std::optional<owned_vec> z_, right_;  // r, preconditioned; the right side that r_ belongs to
  double rho_ = 0;                      // and its rho; 0: r_ is of nothing
  index_t carried_ = 0;                 // since r_ was computed anew
};

}  // namespace ir
