#pragma once
#include "fn/pointwise.hpp"
#include "fn/rules_kernel.hpp"

namespace ir {

/// f(x) = weight sum_i (r_i^2 / (2 delta) where |r_i| <= delta, else |r_i| - delta / 2), r = x: l1
/// with a rounded corner, the Moreau envelope of l1. Shifted by the data (`shifted`), a data term
/// that outliers do not rule.
///
/// gradient   weight clamp(x / delta, -1, 1), Lipschitz constant weight / delta
class huber final : public detail::pointwise<huber> {
 public:
  /// delta in units of x. usage_error: delta or weight not above 0; a complex space.
  huber(const space&, double delta, double weight = 1);

  static constexpr bool smooth = true;
  template <class T>
  kernel::huber_rule<T> rule(index_t) const {
    return {T(weight_), T(delta_)};
  }

 private:
  fn_ptr do_times(double) const override;
  double delta_, weight_;
};

}  // namespace ir
