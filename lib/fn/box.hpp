#pragma once
#include <limits>

#include "fn/pointwise.hpp"
#include "fn/rules_kernel.hpp"

namespace ir {

/// f(x) = 0 where low <= x_i <= high for all i, else infinity. low = 0, high = infinity is
/// non-negativity; low = -r, high = r the ball of the maximum norm.
///
/// prox  clamp(x, low, high), whatever the step
class box final : public detail::pointwise<box> {
 public:
  /// usage_error: low > high or NaN; a complex space.
  box(const space&, double low, double high = std::numeric_limits<double>::infinity());

  static constexpr bool smooth = false;
  template <class T>
  kernel::box_rule<T> rule(index_t) const {
    return {T(low_), T(high_)};
  }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  fn_ptr do_times(double) const override { return std::make_shared<box>(domain(), low_, high_); }
  double low_, high_;
};

}  // namespace ir
