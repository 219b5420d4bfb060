#include <boost/test/unit_test.hpp>
#include <cmath>
#include <csignal>

#include "core/cancellation.hpp"
#include "core/error.hpp"
#include "solver/solver.hpp"
#include "support/setup.hpp"

namespace {

/// Halves a number; tells it as the change.
class halving final : public ir::solver {
 public:
  explicit halving(ir::queue& q, double poison = 1)
      : x_(q, ir::space({1}), ir::precision::f64), poison_(poison) {}
  ir::cvec solution() const override { return x_; }

 private:
  void do_step(ir::queue&, ir::iteration& now) override {
    value_ *= poison_ / 2;
    now.change = value_;
  }
  void do_state(ir::state_archive& a) override { a.item("value", &value_); }

  ir::owned_vec x_;
  double poison_, value_ = 1;
};

/// Tells objectives, when it is asked: a list of them, the last one for ever.
class telling final : public ir::solver {
 public:
  telling(ir::queue& q, std::vector<double> objectives)
      : x_(q, ir::space({1}), ir::precision::f64), objectives_(std::move(objectives)) {}
  ir::cvec solution() const override { return x_; }

 private:
  void do_step(ir::queue&, ir::iteration&) override {}
  void do_evaluate(ir::queue&, ir::iteration& now) const override {
    now.objective = objectives_[std::min(objectives_.size(), static_cast<std::size_t>(now.k)) - 1];
  }
  void do_state(ir::state_archive&) override {}

  ir::owned_vec x_;
  std::vector<double> objectives_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(run)

BOOST_AUTO_TEST_CASE(divergence_is_a_numeric_error_that_names_both_values) {
  ir::queue q;
  telling s(q, {2, 3000, 30000, 300000, 3e6}), transient(q, {2, 3000, 30000, 5, 4, 4});

  BOOST_CHECK_EXCEPTION(
      ir::run(q, s, {.stagnation = 1e-9, .every = 1}), ir::numeric_error, [](const ir::error& e) {
        return std::string(e.what()) == "iteration 4: the objective diverges: 3e+05, at first 2";
      });
  BOOST_TEST(ir::run(q, transient, {.stagnation = 1e-9, .every = 1}).last.k == 6);
}

BOOST_AUTO_TEST_CASE(an_infeasible_start_is_no_divergence_and_nan_is) {
  ir::queue q;
  telling s(q, {HUGE_VAL, HUGE_VAL, 7, 7}), broken(q, {1, NAN});

  const auto result = ir::run(q, s, {.stagnation = 0.0, .every = 1});

  BOOST_TEST(result.last.k == 4);
  BOOST_TEST(result.reason == "objective moved by 0 <= 0");
  BOOST_CHECK_THROW(ir::run(q, broken, {.stagnation = 0.0, .every = 1}), ir::numeric_error);
  BOOST_CHECK_THROW(ir::run(q, s, {.every = 0}), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(what_costs_is_computed_only_where_a_rule_asks) {
  ir::queue q;
  telling s(q, {NAN});

  BOOST_TEST(ir::run(q, s, {.iterations = 30}).last.k == 30);
}

BOOST_AUTO_TEST_CASE(stops_after_the_iterations_without_having_converged) {
  ir::queue q;
  halving s(q);

  const auto result = ir::run(q, s, {.iterations = 5});

  BOOST_TEST(result.last.k == 5);
  BOOST_TEST(!result.converged);
  BOOST_TEST(result.reason == "iterations");
}

BOOST_AUTO_TEST_CASE(stops_by_the_first_rule_that_holds) {
  ir::queue q;
  halving s(q);

  const auto result = ir::run(q, s, {.change = 0.1});

  BOOST_TEST(result.last.k == 4);  // 1/16
  BOOST_TEST(result.converged);
  BOOST_TEST(result.reason == "change 0.0625 <= 0.1");
}

BOOST_AUTO_TEST_CASE(stops_by_time_after_at_least_one_step) {
  ir::queue q;
  halving s(q);

  const auto result = ir::run(q, s, {.seconds = 0.0});

  BOOST_TEST(result.last.k == 1);
  BOOST_TEST(result.reason == "seconds");
}

BOOST_AUTO_TEST_CASE(the_monitor_sees_every_iteration_and_may_stop) {
  ir::queue q;
  halving s(q);
  ir::index_t seen = 0;

  const auto result = ir::run(q, s, {}, [&](const ir::iteration& now, ir::cvec) {
    ++seen;
    return now.k == 3 ? ir::verdict::stop : ir::verdict::go_on;
  });

  BOOST_TEST(seen == 3);
  BOOST_TEST(result.last.k == 3);
  BOOST_TEST(!result.converged);
  BOOST_TEST(result.reason == "monitor");
}

BOOST_AUTO_TEST_CASE(no_iterations_are_no_steps) {
  ir::queue q;
  halving s(q);

  BOOST_TEST(ir::run(q, s, {.iterations = 0}).last.k == 0);
}

BOOST_AUTO_TEST_CASE(a_rule_that_the_algorithm_cannot_serve_is_a_usage_error) {
  ir::queue q;
  halving s(q);

  BOOST_CHECK_THROW(ir::run(q, s, {.gap = 1e-3}), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(nan_and_infinity_are_numeric_errors_that_name_the_iteration) {
  ir::queue q;
  halving s(q, NAN), t(q, HUGE_VAL);

  BOOST_CHECK_EXCEPTION(ir::run(q, s, {}), ir::numeric_error, [](const ir::error& e) {
    return std::string(e.what()) == "iteration 1: the change became nan";
  });
  BOOST_CHECK_THROW(ir::run(q, t, {}), ir::numeric_error);
}

BOOST_AUTO_TEST_CASE(a_request_to_stop_is_heard_between_iterations) {
  const auto cancel = std::make_shared<ir::cancellation>();
  ir::queue q({}, cancel);
  halving s(q);

  BOOST_CHECK_THROW(ir::run(q, s, {},
                            [&](const ir::iteration&, ir::cvec) {
                              cancel->request(SIGINT);
                              return ir::verdict::go_on;
                            }),
                    ir::cancelled);
  BOOST_TEST(s.iterations() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
