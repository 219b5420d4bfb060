#pragma once
#include "fn/pointwise.hpp"
#include "fn/rules_kernel.hpp"

namespace ir {

/// f(x) = weight sum_i (z - y + y log(y / z)), z = x_i + b_i: the Kullback-Leibler divergence of
/// counts y from expected counts x + background b, the log-likelihood of Poisson noise. Infinite
/// where z < 0, or z = 0 and y > 0.
///
/// y          counts >= 0, an element of the space; copied
/// b          a number, or an element of the space; >= 0
/// gradient   weight (1 - y / z) where z > 0; Lipschitz on x >= 0 alone, with constant
///            weight max y / b^2, which `lipschitz` has where every b > 0 (constrain x to x >= 0)
/// prox       z = (v + sqrt(v^2 + 4 t y)) / 2, t = tau weight, v = x + b - t
class poisson final : public detail::pointwise<poisson> {
 public:
  /// data_error: y < 0 or b < 0 or NaN; usage_error: a complex space, a weight not above 0.
  poisson(queue&, cvec counts, double background = 0, double weight = 1);
  poisson(queue&, cvec counts, cvec background, double weight = 1);

  static constexpr bool smooth = true;
  template <class T>
  kernel::poisson_rule<T> rule(index_t offset) const {
    const T* under = data_->background
                         ? static_cast<const T*>(cvec(*data_->background).data()) + offset
                         : nullptr;
    return {T(weight_), static_cast<const T*>(cvec(data_->counts).data()) + offset, under,
            T(data_->level)};
  }
  cvec counts() const { return data_->counts; }
  bool background_map() const { return data_->background.has_value(); }
  double background() const { return data_->level; }  // where there is no map

 private:
  struct data {
    owned_vec counts;
    std::optional<owned_vec> background;
    double level;        // where there is no map
    double most, least;  // counts, background
    precision type;
    device where;
  };
  poisson(const space&, std::shared_ptr<const data>, double weight);
  static std::shared_ptr<const data> data_of(queue&, cvec counts, std::optional<cvec>, double);
  static abilities abilities_of(const data&, double weight);
  fn_ptr do_times(double) const override;

  std::shared_ptr<const data> data_;
  double weight_;
};

}  // namespace ir
