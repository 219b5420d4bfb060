#include "denoise/tv_sure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/array.hpp"
#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/space.hpp"
#include "denoise/tv_sure_kernel.hpp"

namespace ir {
namespace {

constexpr double shake_of_sigma = 0.1;      // e: large against f32's rounding, small against noise
constexpr double ratio = 1.25;              // of neighbouring weights
constexpr index_t first_iterations = 32;    // at the first weight
constexpr index_t further_iterations = 12;  // at each other: the state is near already
constexpr std::size_t most_weights = 14;    // on one side: a factor of 18

struct estimate {
  double log_weight, risk;
};

// x(f) and x(f + e b) side by side.
class twins {
 public:
  twins(queue& q, const tv_problem& p, double sigma, double values, tv_dual& dual)
      : q_(q),
        p_(p),
        variance_(sigma * sigma),
        step_(shake_of_sigma * sigma),
        values_(values),
        dual_(dual),
        moved_(q, p.f.type, p.f.extents),
        x_(q, p.f.type, p.f.extents),
        y_(q, p.f.type, p.f.extents) {
    shake();
    tv_problem near = p;
    near.f = moved_.get();
    near.weight = dual.weight();
    twin_ = tv_dual::make(q, near);
  }

  void scale_weight(double factor) {
    dual_.scale_weight(factor);
    twin_->scale_weight(factor);
  }

  estimate after(index_t iterations) {
    for (tv_dual* d : {&dual_, twin_.get()}) d->iterate(q_, iterations);
    const double w = dual_.weight();
    const double misfit = 2 * w * dual_.evaluate(q_, 0, dual_.planes()).misfit;
    twin_->evaluate(q_, 0, dual_.planes());
    dual_.result(q_, 0, dual_.planes(), x_.get());
    twin_->result(q_, 0, dual_.planes(), y_.get());
    const double divergence = shaken() / (step_ * step_);
    return {std::log(w), misfit + variance_ * (2 * divergence - values_)};
  }

 private:
  template <class F>
  void with_type(F f) const {
    with_real(p_.f.type == dtype::f64 ? precision::f64 : precision::f32, f);
  }
  void shake() {
    with_type([&]<class T>() {
      parallel_for(
          q_, {p_.f.extents.count()},
          kernel::shake<T>{static_cast<const T*>(p_.f.data), static_cast<T*>(moved_.get().data),
                           static_cast<T>(step_), kernel::frame_key(0, 0)});
    });
  }
  double shaken() {
    double sum = 0;
    with_type([&]<class T>() {
      const auto at = [](cref r) { return static_cast<const T*>(r.data); };
      const auto* const valid =
          p_.valid ? static_cast<const std::uint8_t*>(p_.valid->data) : nullptr;
      sum = sum_for(q_, p_.f.extents.count(),
                    kernel::shaken_dot<T>{at(p_.f), at(moved_.get()), at(x_.get()), at(y_.get()),
                                          valid, p_.f.extents.count() / p_.f.extents[0]});
    });
    return sum;
  }

  queue& q_;
  const tv_problem& p_;
  double variance_, step_;
  double values_;
  tv_dual& dual_;
  array moved_, x_, y_;
  std::unique_ptr<tv_dual> twin_;
};

// Where the parabola through three neighbours of the path, the least in the middle, is least.
double vertex(const estimate& a, const estimate& b, const estimate& c) {
  const double left = (b.risk - a.risk) / (b.log_weight - a.log_weight);
  const double right = (c.risk - b.risk) / (c.log_weight - b.log_weight);
  if (!(right > left)) return b.log_weight;
  const double from = (a.log_weight + b.log_weight) / 2, to = (b.log_weight + c.log_weight) / 2;
  return std::clamp(from - left * (to - from) / (right - left), a.log_weight, c.log_weight);
}

}  // namespace

tv_sure_path tv_follow_sure(queue& q, const tv_problem& p, double sigma, double values,
                            tv_dual& dual) {
  if (p.weights) throw usage_error("the weight of least risk is for one sigma, not for a map");
  tv_sure_path told;
  twins both(q, p, sigma, values, dual);
  const auto at = [&](double factor, index_t iterations) {
    both.scale_weight(factor);
    told.iterations += iterations;
    ++told.weights;
    return both.after(iterations);
  };
  std::vector<estimate> path{at(1, first_iterations), at(ratio, further_iterations)};
  const bool up = path[1].risk < path[0].risk;
  double factor = up ? ratio : 1 / ratio;
  if (!up) {
    std::swap(path[0], path[1]);
    path.push_back(at(factor * factor, further_iterations));
  } else {
    path.push_back(at(factor, further_iterations));
  }
  while (path.back().risk < path[path.size() - 2].risk && path.size() < most_weights)
    path.push_back(at(factor, further_iterations));
  const std::size_t n = path.size();
  const double best = path[n - 1].risk < path[n - 2].risk ? path[n - 1].log_weight
                      : up ? vertex(path[n - 3], path[n - 2], path[n - 1])
                           : vertex(path[n - 1], path[n - 2], path[n - 3]);
  dual.scale_weight(std::exp(best) / dual.weight());
  return told;
}

index_t tv_sure_bytes(const shape& f, dtype type, device where) {
  return tv_dual::scratch_bytes(f, type, where) + 3 * f.count() * size_of(type);
}

}  // namespace ir
