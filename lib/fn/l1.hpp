#pragma once
#include "fn/pointwise.hpp"
#include "fn/rules_kernel.hpp"

namespace ir {

/// f(x) = weight sum_i |x_i|. A real space: of complex elements, l21 sums the moduli.
///
/// prox       soft threshold, sign(x) max(|x| - tau weight, 0)
/// conjugate  0 where max |y_i| <= weight, else infinity
class l1 final : public detail::pointwise<l1> {
 public:
  /// usage_error: a complex space, a weight that is not above 0.
  explicit l1(const space&, double weight = 1);

  static constexpr bool smooth = false;
  template <class T>
  kernel::absolute_rule<T> rule(index_t) const {
    return {T(weight_)};
  }

 private:
  fn_ptr do_times(double) const override;
  double weight_;
};

}  // namespace ir
