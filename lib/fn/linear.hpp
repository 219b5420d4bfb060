#pragma once
#include "fn/pointwise.hpp"
#include "fn/rules_kernel.hpp"

namespace ir {

/// f(x) = weight <c, x>. gradient weight c, Lipschitz constant 0; prox x - tau weight c.
class linear_functional final : public detail::pointwise<linear_functional> {
 public:
  /// c is copied. usage_error: a weight not above 0.
  linear_functional(queue&, cvec c, double weight = 1);

  static constexpr bool smooth = true;
  template <class T>
  kernel::linear_rule<T> rule(index_t offset) const {
    return {static_cast<const T*>(cvec(*c_).data()) + offset, T(weight_)};
  }

 private:
  linear_functional(std::shared_ptr<const owned_vec> c, double weight);
  fn_ptr do_times(double) const override;

  std::shared_ptr<const owned_vec> c_;
  double weight_;
};

}  // namespace ir
