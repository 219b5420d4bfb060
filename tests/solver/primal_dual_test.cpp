#include "solver/primal_dual.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.hpp"
#include "small_problems.hpp"
#include "support/solver_laws.hpp"

namespace {

using ir::primal_dual;
using ir::test::problem_maker;
using ir::test::setup;
using ir::test::small_problem;
using method = ir::primal_dual_method;
using steps = ir::primal_dual_steps;

/// pdhg: all but the constraint is coupled; else the data are smooth.
ir::composite parts_of(const small_problem& p, method how) {
  ir::composite parts{{}, p.constraint, p.regulariser};
  (how == method::pdhg ? parts.coupled : parts.smooth).push_back(p.data);
  if (parts.coupled.empty()) parts.coupled.push_back({1, p.constraint});
  return parts;
}

void check_minimum(setup& s, const small_problem& p, const ir::primal_dual_options& o) {
  primal_dual solver(s.q, p.data.A->domain(), s.type, parts_of(p, o.method), o);
  ir::run(s.q, solver, {.iterations = 30000, .change = 0.0});
  BOOST_TEST(ir::test::distance(s, solver.solution(), p.minimiser) < ir::test::within(s.type));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(primal_duals)

BOOST_AUTO_TEST_CASE(every_method_reaches_the_minimum_of_every_class) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    for (const small_problem& p : {make.ridge(), make.lasso(), make.box_constrained(),
                                   make.variation(), make.variation_nonnegative()})
      BOOST_TEST_CONTEXT(s.name << ", " << p.name) {
        BOOST_TEST_CONTEXT("pdhg") check_minimum(s, p, {});
        BOOST_TEST_CONTEXT("pdhg, fixed") check_minimum(s, p, {.steps = steps::fixed});
        BOOST_TEST_CONTEXT("condat_vu") check_minimum(s, p, {.method = method::condat_vu});
        BOOST_TEST_CONTEXT("pd3o")
        check_minimum(s, p, {.method = method::pd3o, .steps = steps::fixed});
      }
    BOOST_TEST_CONTEXT(s.name << ", counts") check_minimum(s, make.counts(), {});
  }
}

BOOST_AUTO_TEST_CASE(steps_fulfil_their_conditions_and_are_not_shorter) {
  setup s("cpu f64", ir::precision::f64, {});
  const auto p = problem_maker{s}.variation();
  const double K = 4;  // row sums 2, column sums 2: ||D||^2 <= 4
  const double L = std::pow(p.data.A->norm()->upper, 2);
  const auto make = [&](method m) {
    return primal_dual(s.q, p.data.A->domain(), s.type, parts_of(p, m),
                       {.method = m, .steps = steps::fixed});
  };

  const auto pdhg = make(method::pdhg), vu = make(method::condat_vu), pd3o = make(method::pd3o);

  BOOST_TEST(std::abs(pdhg.tau() * pdhg.sigma() * (K + L) - 1) < 1e-12);
  BOOST_TEST(std::abs(1 / vu.tau() - vu.sigma() * K - L / 2) < 1e-9);
  BOOST_TEST(pd3o.tau() * L <= 1.9 + 1e-12);
  BOOST_TEST(std::abs(pd3o.tau() * pd3o.sigma() * K - 1) < 1e-12);
}

BOOST_AUTO_TEST_CASE(acceleration_beats_fixed_steps_where_the_simple_part_is_strongly_convex) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const auto b = ir::test::random_values(ir::test::unknowns, 7, 0, 1);
    const ir::composite denoising{{},
                                  ir::shifted(s.q, std::make_shared<ir::half_square>(make.domain),
                                              ir::test::vec_of(s, make.domain, b)),
                                  {{0.2, std::make_shared<ir::l1>(make.edges),
                                    ir::test::dense(ir::test::difference_matrix())}}};
    const auto minimiser = ir::test::reference_minimum(
        ir::test::unknowns,
        {{ir::test::unknowns, ir::test::identity_matrix(), ir::test::prox_square(b)},
         {ir::test::unknowns - 1, ir::test::difference_matrix(), ir::test::prox_absolute(0.2)}});
    primal_dual solver(s.q, make.domain, s.type, denoising, {.steps = steps::accelerated});

    const auto result = ir::run(s.q, solver, {.iterations = 3000, .gap = 1e-5});

    BOOST_TEST(result.converged);  // by a duality gap, a certificate
    BOOST_TEST(ir::test::distance(s, solver.solution(), minimiser) < 5e-3);
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_goes_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) {
    const auto p = problem_maker{s}.variation_nonnegative();
    for (const method m : {method::pdhg, method::condat_vu, method::pd3o})
      ir::test::check_resume(s, [&] {
        return std::make_unique<primal_dual>(
            s.q, p.data.A->domain(), s.type, parts_of(p, m),
            ir::primal_dual_options{.method = m,
                                    .steps = m == method::pd3o ? steps::fixed : steps::adaptive});
      });
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_solved_is_refused) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    auto p = make.variation();
    const auto smooth = parts_of(p, method::condat_vu);
    const auto build = [&](const ir::composite& parts, const ir::primal_dual_options& o) {
      primal_dual(s.q, make.domain, s.type, parts, o);
    };

    BOOST_CHECK_THROW(build(smooth, {}), ir::usage_error);  // pdhg has no smooth part
    BOOST_CHECK_THROW(build(smooth, {.method = method::pd3o}), ir::usage_error);
    BOOST_CHECK_THROW(build(smooth, {.method = method::condat_vu, .steps = steps::accelerated}),
                      ir::usage_error);
    BOOST_CHECK_THROW(build(smooth, {.method = method::condat_vu, .ratio = 0.0}), ir::usage_error);
    BOOST_CHECK_THROW(build({{p.data}, nullptr, {}}, {.method = method::condat_vu}),
                      ir::usage_error);
    // a constraint behind an operator of unknown norm is not vacuous but an error
    const auto unknown = std::make_shared<ir::test::dense_operator>(make.domain, make.edges,
                                                                    ir::test::difference_matrix());
    BOOST_CHECK_THROW(
        build({{}, nullptr, {{1, std::make_shared<ir::box>(make.edges, 0), unknown}}}, {}),
        ir::usage_error);
    BOOST_CHECK_THROW(
        build({{}, nullptr, {{1, std::make_shared<ir::l1>(make.range), unknown}}}, {}),
        ir::shape_error);
  }
}

BOOST_AUTO_TEST_CASE(a_slab_constraint_behind_an_operator_is_kept) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const ir::composite parts{{},
                              nullptr,
                              {make.square(),
                               {1, std::make_shared<ir::box>(make.edges, -0.01, 0.05),
                                ir::test::dense(ir::test::difference_matrix())}}};
    const auto minimiser = ir::test::reference_minimum(
        ir::test::unknowns,
        {make.square_reference(),
         {ir::test::unknowns - 1, ir::test::difference_matrix(), ir::test::prox_box(-0.01, 0.05)}});
    primal_dual solver(s.q, make.domain, s.type, parts);

    ir::run(s.q, solver, {.iterations = 30000, .change = 0.0});

    BOOST_TEST(ir::test::distance(s, solver.solution(), minimiser) < ir::test::within(s.type));
  }
}

BOOST_AUTO_TEST_SUITE_END()
