#pragma once
#include "fn/functional.hpp"

namespace ir {

/// f(x) = weight ||x||: the norm itself, of the whole element (half_square is its square).
///
/// prox       max(0, 1 - tau weight / ||x||) x
/// conjugate  0 where ||y|| <= weight, else infinity
class l2 final : public functional {
 public:
  /// usage_error: a weight that is not above 0.
  explicit l2(const space&, double weight = 1);

 private:
  double do_value(queue&, cvec) const override;
  double do_conjugate(queue&, cvec) const override;
  void do_prox(queue&, cvec, const step&, vec) const override;
  void do_prox_conjugate(queue&, cvec, const step&, vec) const override;
  fn_ptr do_times(double) const override;

  double weight_;
};

}  // namespace ir
