#pragma once
#include "fn/functional.hpp"

namespace ir {

/// f(x) = weight times the sum of singular values, of each matrix that the last two axes of a block
/// hold; leading axes count matrices. Of a real space. It computes on the host in f64 (fn/
/// singular.hpp): for matrices of some hundred rows.
///
/// prox       soft threshold of the singular values by tau weight
/// conjugate  0 where every singular value is <= weight, else infinity
class nuclear final : public functional {
 public:
  /// usage_error: a weight that is not above 0, a complex block, one with fewer than two axes.
  explicit nuclear(const space&, double weight = 1);

 private:
  double do_value(queue&, cvec) const override;
  double do_conjugate(queue&, cvec) const override;
  void do_prox(queue&, cvec, const step&, vec) const override;
  void do_prox_conjugate(queue&, cvec, const step&, vec) const override;
  fn_ptr do_times(double) const override;

  double weight_;
};

}  // namespace ir
