#pragma once
#include <memory>
#include <optional>
#include <utility>

#include "core/blas1.hpp"
#include "solver/solver.hpp"
#include "solver/tv_problem.hpp"

namespace ir::detail {

/// The fused TV engines square differences in the precision of the data, which leaves its range
/// where data are extreme. Such a problem is solved in another unit:
///
///   x' = c x solves it for c y, c low, c high and c lambda; its minimum is c^2 times that of x
///
/// 1: the largest datum's fourth power and that of its inverse are in range (f32: 2^-32 to 2^32),
/// or it is infinite or NaN; else the power of two, exact, that brings it next to 1. Data that
/// nothing sees (masked, of weight 0) do not count. On a CPU.
double tv_unit_of(queue&, const std::vector<term>& data, precision);
/// The problem for c x; data and bounds are copied.
tv_problem in_unit(queue&, double c, const tv_problem&);

/// An engine of class `Engine` for c x, seen from outside as one for x.
template <class Engine>
class tv_rescaled final : public Engine {
 public:
  tv_rescaled(queue& q, std::unique_ptr<Engine> inner, double c)
      : inner_(std::move(inner)), c_(c), x_(q, inner_->solution().in(), inner_->solution().type()) {
    take(q);
  }
  cvec solution() const override { return x_; }
  std::vector<parameter_of> parameters() const override { return inner_->parameters(); }

 private:
  void take(queue& q) { axpby(q, 1 / c_, inner_->solution(), 0, x_); }
  void do_step(queue& q, iteration& now) override {
    now.change = inner_->step(q).change;
    take(q);
  }
  void do_evaluate(queue& q, iteration& now) const override {
    iteration mine;
    inner_->evaluate(q, mine);
    now.objective = *mine.objective / c_ / c_;
  }
  void do_state(state_archive& archive) override {
    inner_->state(archive);
    archive.item("x outside", vec(x_));
  }

  std::unique_ptr<Engine> inner_;
  double c_;
  owned_vec x_;
};

/// make(problem, start), in another unit where the data's asks for it.
template <class Engine, class Make>
std::unique_ptr<Engine> tv_engine_in_unit(queue& q, const tv_problem& p, std::optional<cvec> start,
                                          precision type, const Make& make) {
  const double c = tv_unit_of(q, p.data, type);
  if (c == 1) return make(p, start);
  std::optional<owned_vec> scaled;
  if (start) {
    scaled.emplace(q, start->in(), type);
    axpby(q, c, *start, 0, *scaled);
    start = *scaled;
  }
  return std::make_unique<tv_rescaled<Engine>>(q, make(in_unit(q, c, p), start), c);
}

}  // namespace ir::detail
