#pragma once
#include "core/parallel_for.hpp"
#include "fn/functional.hpp"
#include "fn/pointwise_kernel.hpp"

namespace ir::detail {

inline index_t reals_of(const space::block& b) {
  return b.extents.count() * (b.of == field::complex ? 2 : 1);
}

/// A functional that is a sum over the reals of an element. `Self::rule<T>(offset)` is the rule of
/// a block that begins there (fn/pointwise_kernel.hpp). Block by block: gaps stay 0.
template <class Self>
class pointwise : public functional {
 protected:
  using functional::functional;

  double do_value(queue& q, cvec x) const override {
    double sum = 0;
    each(x.type(), [&]<class T>(const space::block& b, const auto& f) {
      using rule = std::decay_t<decltype(f)>;
      sum += sum_for(q, reals_of(b), kernel::pointwise_value<T, rule>{f, at<T>(x, b)});
    });
    return sum;
  }
  double do_conjugate(queue& q, cvec y) const override {
    double sum = 0;
    each(y.type(), [&]<class T>(const space::block& b, const auto& f) {
      using rule = std::decay_t<decltype(f)>;
      sum += sum_for(q, reals_of(b), kernel::pointwise_conjugate<T, rule>{f, at<T>(y, b)});
    });
    return sum;
  }
  void do_gradient(queue& q, cvec x, vec g) const override {
    each(x.type(), [&]<class T>(const space::block& b, const auto& f) {
      using rule = std::decay_t<decltype(f)>;
      if constexpr (Self::smooth)
        parallel_for(q, {reals_of(b)},
                     kernel::pointwise_gradient<T, rule>{f, at<T>(x, b), at<T>(g, b)});
    });
  }
  void do_prox(queue& q, cvec x, const step& s, vec out) const override {
    each(x.type(), [&]<class T>(const space::block& b, const auto& f) {
      using rule = std::decay_t<decltype(f)>;
      parallel_for(
          q, {reals_of(b)},
          kernel::pointwise_prox<T, rule>{f, step_at<T>(s, b), at<T>(x, b), at<T>(out, b)});
    });
  }
  void do_prox_conjugate(queue& q, cvec y, const step& s, vec out) const override {
    each(y.type(), [&]<class T>(const space::block& b, const auto& f) {
      using rule = std::decay_t<decltype(f)>;
      parallel_for(q, {reals_of(b)},
                   kernel::pointwise_prox_conjugate<T, rule>{f, step_at<T>(s, b), at<T>(y, b),
                                                             at<T>(out, b)});
    });
  }

 private:
  template <class Each>
  void each(precision p, const Each& body) const {
    with_real(p, [&]<class T>() {
      for (const space::block& b : domain().blocks())
        body.template operator()<T>(b, static_cast<const Self&>(*this).template rule<T>(b.offset));
    });
  }
  template <class T>
  static const T* at(cvec x, const space::block& b) {
    return static_cast<const T*>(x.data()) + b.offset;
  }
  template <class T>
  static T* at(vec x, const space::block& b) {
    return static_cast<T*>(x.data()) + b.offset;
  }
  template <class T>
  static kernel::step_of<T> step_at(const step& s, const space::block& b) {
    return {T(s.value), s.diagonal ? at<T>(*s.diagonal, b) : nullptr};
  }
};

/// `what` is a function of reals: usage_error if a block is complex.
void require_real(const space&, const char* what);
/// "0.5 l1"; usage_error: the weight is not above 0, or infinite.
std::string weighted_name(const std::string& name, double weight);

}  // namespace ir::detail
