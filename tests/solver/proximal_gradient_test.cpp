#include "solver/proximal_gradient.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.hpp"
#include "small_problems.hpp"
#include "support/solver_laws.hpp"

namespace {

using ir::proximal_gradient;
using ir::test::problem_maker;
using ir::test::setup;
using ir::test::small_problem;

/// Data and ridge are smooth, what has only a prox is simple.
ir::composite parts_of(const small_problem& p) {
  ir::composite parts{{p.data}, p.constraint, {}};
  for (const ir::term& t : p.regulariser)
    if (t.f->can().gradient)
      parts.smooth.push_back(t);
    else
      parts.simple = ir::scaled(t.weight, t.f);
  return parts;
}

ir::run_result check_minimum(setup& s, const small_problem& p,
                             const ir::proximal_gradient_options& o) {
  proximal_gradient solver(s.q, p.data.A->domain(), s.type, parts_of(p), o);
  const auto result = ir::run(s.q, solver, {.iterations = 20000, .change = 0.0});
  BOOST_TEST(ir::test::distance(s, solver.solution(), p.minimiser) < ir::test::within(s.type));
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(proximal_gradients)

BOOST_AUTO_TEST_CASE(every_variant_reaches_the_minimum) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    for (const small_problem& p : {make.ridge(), make.lasso(), make.box_constrained()})
      BOOST_TEST_CONTEXT(s.name << ", " << p.name) {
        check_minimum(s, p, {});
        check_minimum(s, p, {.how = ir::momentum::none});
        check_minimum(s, p, {.restart = false});
        check_minimum(s, p, {.backtracking = true});
        check_minimum(s, p, {.restart = false, .strong = 0.01});
      }
  }
}

BOOST_AUTO_TEST_CASE(momentum_and_restart_save_iterations) {
  setup s("cpu f64", ir::precision::f64, {});
  const auto p = problem_maker{s}.ridge();
  const auto iterations = [&](const ir::proximal_gradient_options& o) {
    proximal_gradient solver(s.q, p.data.A->domain(), s.type, parts_of(p), o);
    return ir::run(s.q, solver, {.iterations = 20000, .kkt = 1e-9}).last.k;
  };

  const auto plain = iterations({.how = ir::momentum::none}),
             fista = iterations({.restart = false});
  const auto restarted = iterations({}), strong = iterations({.restart = false, .strong = 0.3});

  BOOST_TEST(restarted < fista);
  BOOST_TEST(restarted < plain / 3);
  BOOST_TEST(strong < plain / 3);
}

BOOST_AUTO_TEST_CASE(robust_data_are_fitted_by_huber) {
  for (setup& s : ir::test::setups()) {
    problem_maker make{s};
    make.b[3] += 100;  // an outlier
    const double delta = 0.1;
    const auto minimiser = ir::test::reference_minimum(
        ir::test::unknowns,
        {{ir::test::rows, make.matrix,
          [&](std::vector<double>& v, double t) {
            for (std::size_t i = 0; i < v.size(); ++i) {
              const double r = v[i] - make.b[i];
              v[i] = make.b[i] +
                     (std::abs(r) <= delta + t ? r * delta / (delta + t) : r - std::copysign(t, r));
            }
          }},
         {ir::test::unknowns, ir::test::identity_matrix(), ir::test::prox_absolute(0.05)}},
        0.2);
    const small_problem p{"huber",
                          {1,
                           ir::shifted(s.q, std::make_shared<ir::huber>(make.range, delta),
                                       ir::test::vec_of(s, make.range, make.b)),
                           ir::test::dense(make.matrix)},
                          {{0.05, std::make_shared<ir::l1>(make.domain)}},
                          nullptr,
                          minimiser};

    check_minimum(s, p, {});
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_norm_is_an_error_that_names_the_term) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    auto p = make.lasso();
    p.data.A = std::make_shared<ir::test::dense_operator>(make.domain, make.range, make.matrix);

    BOOST_CHECK_EXCEPTION(proximal_gradient(s.q, make.domain, s.type, parts_of(p)), ir::usage_error,
                          [](const ir::error& e) {
                            return std::string(e.what()) ==
                                   "the norm of the operator of shifted l2^2/2 (10 to 14) is "
                                   "unknown: estimate it before solving";
                          });
    check_minimum(s, p, {.backtracking = true});  // which needs no norm
  }
}

BOOST_AUTO_TEST_CASE(an_infinite_constant_is_refused_and_the_start_never_returned) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    auto p = make.lasso();
    auto A = std::make_shared<ir::test::dense_operator>(make.domain, make.range, make.matrix);
    A->learn_norm({0, HUGE_VAL, "nothing"});
    p.data.A = A;

    BOOST_CHECK_THROW(proximal_gradient(s.q, make.domain, s.type, parts_of(p)), ir::usage_error);
  }
}

BOOST_AUTO_TEST_CASE(an_error_inside_an_iteration_comes_out) {
  struct broken_at_the_fifth_call final : ir::linear_operator {
    explicit broken_at_the_fifth_call(const ir::space& in) : linear_operator(in, in) {}
    void do_apply(ir::queue& q, ir::cvec x, ir::vec y, ir::mode) const override {
      if (++calls == 5) throw ir::numeric_error("broken");
      ir::copy(q, x, y);
    }
    void do_adjoint(ir::queue& q, ir::cvec y, ir::vec x, ir::mode) const override {
      ir::copy(q, y, x);
    }
    mutable int calls = 0;
  };
  for (setup& s : ir::test::setups()) {
    const ir::space in({3});
    const auto A = std::make_shared<broken_at_the_fifth_call>(in);
    A->learn_norm({1, 1, "identity"});
    const auto b = ir::test::vec_of(s, in, {1, 2, 3});
    proximal_gradient solver(
        s.q, in, s.type,
        {{{1, ir::shifted(s.q, std::make_shared<ir::half_square>(in), b), A}}, nullptr, {}});

    BOOST_CHECK_THROW(ir::run(s.q, solver, {}), ir::numeric_error);
  }
}

BOOST_AUTO_TEST_CASE(the_change_is_that_of_the_whole_not_of_each_row) {
  for (setup& s : ir::test::setups()) {
    const ir::space in({3, 4});
    const auto b = ir::test::random_vec(s, in, 3);
    const auto data = ir::shifted(s.q, std::make_shared<ir::half_square>(in, 0.3), b);
    proximal_gradient solver(s.q, in, s.type,
                             {{{1, data}, {1, std::make_shared<ir::huber>(in, 0.1)}}, nullptr, {}});
    std::vector<double> before(12);

    ir::run(s.q, solver, {.iterations = 6}, [&](const ir::iteration& now, ir::cvec x) {
      const auto v = ir::test::values(s, x);
      double moved = 0, norm = 0;
      for (std::size_t i = 0; i < v.size(); ++i)
        moved += std::pow(v[i] - before[i], 2), norm += v[i] * v[i];
      BOOST_TEST(std::abs(*now.change - std::sqrt(moved / norm)) < 1e-5 * (1 + *now.change));
      before = v;
      return ir::verdict::go_on;
    });
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_goes_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) {
    const auto p = problem_maker{s}.lasso();
    for (const bool search : {false, true})
      ir::test::check_resume(s, [&] {
        return std::make_unique<proximal_gradient>(
            s.q, p.data.A->domain(), s.type, parts_of(p),
            ir::proximal_gradient_options{.backtracking = search});
      });
  }
}

BOOST_AUTO_TEST_CASE(it_stops_when_the_objective_stagnates) {
  for (setup& s : ir::test::setups()) {
    const auto p = problem_maker{s}.lasso();
    proximal_gradient solver(s.q, p.data.A->domain(), s.type, parts_of(p));

    const auto result = ir::run(s.q, solver, {.iterations = 5000, .stagnation = 1e-5, .every = 7});

    BOOST_TEST(result.converged);
    BOOST_TEST(result.last.k % 7 == 0);
    BOOST_TEST(result.last.k < 1000);
    BOOST_TEST(result.reason.starts_with("objective moved by"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
