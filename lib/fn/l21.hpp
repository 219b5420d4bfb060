#pragma once
#include "fn/functional.hpp"

namespace ir {

/// f(x) = weight sum_i |x_i|_2, where x_i are the numbers at one point of space: all leading axes
/// of a block that are not spatial, and both parts of a complex number. Of a gradient it is the
/// isotropic total variation, which couples channels; of a complex image the sum of moduli.
///
/// prox       group soft threshold, max(0, 1 - tau weight / |x_i|) x_i
/// conjugate  0 where max |y_i| <= weight, else infinity
class l21 final : public functional {
 public:
  /// usage_error: a weight that is not above 0.
  explicit l21(const space&, double weight = 1);
  double weight() const { return weight_; }

 private:
  double do_value(queue&, cvec) const override;
  double do_conjugate(queue&, cvec) const override;
  void do_prox(queue&, cvec, const step&, vec) const override;
  void do_prox_conjugate(queue&, cvec, const step&, vec) const override;
  fn_ptr do_times(double) const override;

  double weight_;
};

}  // namespace ir
