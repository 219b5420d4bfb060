#pragma once
#include "fn/pointwise.hpp"
#include "fn/rules_kernel.hpp"

namespace ir {

/// f(x) = weight/2 sum_i d_i (x_i - c_i)^2: half the squared l2 norm, of complex elements too (real
/// by real). With d_i = 1 / sigma_i^2 and c the data it is the log-likelihood of Gaussian noise.
///
/// c, d       elements of the space; d >= 0, 0 where a datum is missing; copied. Absent: 0, 1
/// gradient   weight d (x - c), Lipschitz constant weight max d; strong convexity weight min d
/// prox       (x + tau weight d c) / (1 + tau weight d)
class half_square final : public detail::pointwise<half_square> {
 public:
  struct data {
    std::optional<cvec> centre{}, diagonal{};
  };
  /// data_error: d < 0 or not finite; shape_error, usage_error: other space, precision or device.
  explicit half_square(const space&, double weight = 1);
  half_square(queue&, const space&, const data&, double weight = 1);

  static constexpr bool smooth = true;
  template <class T>
  kernel::square_rule<T> rule(index_t offset) const {
    return {T(weight_), tables_ ? part<T>(tables_->diagonal, offset) : nullptr,
            tables_ ? part<T>(tables_->centre, offset) : nullptr};
  }

 private:
  struct tables {
    std::optional<owned_vec> diagonal, centre;
    precision type;
    device where;
    double least, most;  // of the diagonal
  };
  half_square(const space&, std::shared_ptr<const tables>, double weight);
  static std::shared_ptr<const tables> tables_of(queue&, const space&, const data&);
  template <class T>
  static const T* part(const std::optional<owned_vec>& v, index_t offset) {
    return v ? static_cast<const T*>(cvec(*v).data()) + offset : nullptr;
  }
  std::optional<quadratic_form> do_quadratic() const override;
  fn_ptr do_times(double) const override;

  std::shared_ptr<const tables> tables_;  // null: neither centre nor diagonal
  double weight_;
};

}  // namespace ir
