#pragma once
#include <vector>

#include "core/blas1.hpp"
#include "fn/functional.hpp"

namespace ir {

/// minimise F(x) + G(x) + H(K x)
///
///   F(x) = sum_i w_i f_i(A_i x)     `smooth`: functionals with a gradient
///   G(x)                            `simple`: a functional with a prox; null: 0
///   H(K x) = sum_j w_j h_j(K_j x)   `coupled`: functionals with a prox
struct composite {
  std::vector<term> smooth{};
  fn_ptr simple{};
  std::vector<term> coupled{};
};

/// Terms w_i f_i(A_i x) over one domain, the weights in the functionals; a null operator is the
/// identity. The base of the two sums below.
class term_sum {
 public:
  bool empty() const { return terms_.empty(); }
  const space& domain() const { return domain_; }

 protected:
  /// shape_error: a term that does not fit the domain; usage_error: a weight not above 0.
  term_sum(const space& domain, const std::vector<term>&);

  space domain_;
  std::vector<term> terms_;
};

/// ||A||^2 from above for a term. usage_error naming it: the norm is unknown (estimate it first;
/// there is no guess).
double norm_square_of(const term&);

/// F: value and gradient by the chain rule.
class smooth_sum final : public term_sum {
 public:
  /// usage_error: a functional without a gradient.
  smooth_sum(const space& domain, const std::vector<term>&);
  double value(queue&, cvec x) const;
  void gradient(queue&, cvec x, vec g) const;
  /// sum_i L_i ||A_i||^2, from above. usage_error naming the term: unknown.
  double lipschitz() const;
  /// Strong convexity in x: of the terms without an operator.
  double strong() const;
};

/// H and K: all K_j x are one element of the product of their ranges.
class coupled_sum final : public term_sum {
 public:
  /// usage_error: a functional without a prox, or no term.
  coupled_sum(const space& domain, const std::vector<term>&);
  const space& range() const { return range_; }
  void apply(queue&, cvec x, vec Kx) const;
  void adjoint(queue&, cvec y, vec x, mode) const;
  /// sum_j ||K_j||^2, from above: of ||K||^2. usage_error naming the term: unknown.
  double norm_square() const;
  const functional& h() const { return *h_; }
  const std::vector<term>& terms() const { return terms_; }

 private:
  space range_;
  fn_ptr h_;  // of all of K x
};

}  // namespace ir
