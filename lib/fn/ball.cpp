#include "fn/ball.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/blas1.hpp"
#include "core/parallel_for.hpp"
#include "fn/ball_kernel.hpp"
#include "fn/box.hpp"
#include "fn/extremes.hpp"
#include "fn/l1.hpp"
#include "fn/registry.hpp"

namespace ir {
namespace {

constexpr abilities projection{.prox = offer::exact, .conjugate = true, .finite = false};
constexpr double infinite = std::numeric_limits<double>::infinity();

// A projected element may lie this much outside.
double rounding(precision p) { return p == precision::f32 ? 1e-6 : 1e-13; }

class l2_ball final : public functional {
 public:
  l2_ball(const space& in, double radius)
      : functional(fmt::format("l2 ball of {:.6g}", radius), in, projection), radius_(radius) {}

 private:
  double do_value(queue& q, cvec x) const override {
    return inner_product().norm(q, x) <= radius_ * (1 + rounding(x.type())) ? 0 : infinite;
  }
  double do_conjugate(queue& q, cvec y) const override {
    return radius_ * inner_product().norm(q, y);
  }
  void do_prox(queue& q, cvec x, const step&, vec out) const override {
    const double norm = inner_product().norm(q, x);
    axpby(q, norm <= radius_ ? 1 : radius_ / norm, x, 0, out);
  }
  fn_ptr do_times(double) const override { return std::make_shared<l2_ball>(domain(), radius_); }

  double radius_;
};

class l1_ball final : public functional {
 public:
  l1_ball(const space& in, double radius)
      : functional(fmt::format("l1 ball of {:.6g}", radius), in, projection),
        radius_(radius),
        soft_(in) {}

 private:
  double do_value(queue& q, cvec x) const override {
    return excess(q, x, 0) <= radius_ * (1 + rounding(x.type())) ? 0 : infinite;
  }
  double do_conjugate(queue& q, cvec y) const override {
    const extremes all = extremes_of(q, y);
    return radius_ * std::max(std::abs(all.least), std::abs(all.most));
  }
  void do_prox(queue& q, cvec x, const step&, vec out) const override {
    const double t = threshold(q, x);
    if (t > 0)
      soft_.prox(q, x, {t}, out);
    else if (out.data() != x.data())
      copy(q, x, out);
  }
  fn_ptr do_times(double) const override { return std::make_shared<l1_ball>(domain(), radius_); }

  // Gaps between blocks are 0 and add nothing.
  static double excess(queue& q, cvec x, double t) {
    double sum = 0;
    with_real(x.type(), [&]<class T>() {
      sum =
          sum_for(q, x.in().size(), kernel::above_threshold<T>{static_cast<const T*>(x.data()), t});
    });
    return sum;
  }
  static double above(queue& q, cvec x, double t) {
    double count = 0;
    with_real(x.type(), [&]<class T>() {
      count = sum_for(q, x.in().size(), kernel::count_above<T>{static_cast<const T*>(x.data()), t});
    });
    return count;
  }
  // From below: the sum is convex and falls, so no Newton step goes too far.
  double threshold(queue& q, cvec x) const {
    double t = 0;
    for (;;) {
      const double over = excess(q, x, t) - radius_;
      if (!(over > 0)) return t;
      const double next = t + over / above(q, x, t);
      if (!(next > t)) return t;
      t = next;
    }
  }

  double radius_;
  l1 soft_;
};

}  // namespace

fn_ptr make_ball(const space& in, ball_norm norm, double radius) {
  if (!(radius > 0) || !std::isfinite(radius))
    throw usage_error(fmt::format("a ball of radius {}: above 0 is expected", radius));
  if (norm == ball_norm::l1) return std::make_shared<l1_ball>(in, radius);
  if (norm == ball_norm::l2) return std::make_shared<l2_ball>(in, radius);
  return std::make_shared<box>(in, -radius, radius);
}

namespace {

const registered<fn_entry> entry{
    {"ball",
     "0 where ||x|| <= radius, else infinite",
     {{"radius", argument_kind::number, "> 0"},
      {"norm", argument_kind::word, "l1, l2 or linf", argument(std::string("l2"))}},
     [](auto a) -> term_spec {
       const std::string& which = word(a[1]);
       if (which != "l1" && which != "l2" && which != "linf")
         throw usage_error(fmt::format("ball: there is no norm '{}': l1, l2 or linf", which));
       const ball_norm norm = which == "l1"   ? ball_norm::l1
                              : which == "l2" ? ball_norm::l2
                                              : ball_norm::linf;
       return {1, functional_of([norm, radius = number(a[0])](const space& x, precision, queue&) {
                 return make_ball(x, norm, radius);
               })};
     }}};

}  // namespace
}  // namespace ir
