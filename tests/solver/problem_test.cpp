#include "solver/problem.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>

#include "core/error.hpp"
#include "fn/l21.hpp"
#include "op/convolution.hpp"
#include "op/difference.hpp"
#include "op/identity.hpp"
#include "small_problems.hpp"
#include "solver/row_action.hpp"

namespace {

using ir::algorithm;
using ir::test::distance;
using ir::test::problem_maker;
using ir::test::setup;
using ir::test::small_problem;
using ir::test::vec_of;

ir::problem problem_of(setup& s, const small_problem& p) {
  return {p.data.A->domain(), s.type, s.q.where(), {p.data}, p.regulariser, p.constraint};
}

std::vector<double> solve(setup& s, const ir::problem& p, std::optional<algorithm> asked = {},
                          ir::index_t iterations = 30000) {
  const auto solver = ir::make_solver(s.q, p, ir::choose(p, asked));
  if (asked && ir::solves_equations(*asked))
    ir::run(s.q, *solver, {.iterations = 100, .residual = 0.0});
  else
    ir::run(s.q, *solver, {.iterations = iterations, .change = 0.0});
  return ir::test::values(s, solver->solution());
}
void check_close(const std::vector<double>& a, const std::vector<double>& b, double within) {
  for (std::size_t i = 0; i < a.size(); ++i) BOOST_TEST(std::abs(a[i] - b[i]) < within);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(problems)

BOOST_AUTO_TEST_CASE(the_algorithm_follows_from_what_the_terms_can_do) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const auto method = [&](const small_problem& p) { return ir::choose(problem_of(s, p)).method; };

    BOOST_TEST((method(make.ridge()) == algorithm::cg));
    BOOST_TEST((method(make.lasso()) == algorithm::fista));
    BOOST_TEST((method(make.box_constrained()) == algorithm::fista));
    BOOST_TEST((method(make.variation()) == algorithm::pdhg));
    BOOST_TEST((method(make.variation_nonnegative()) == algorithm::pdhg));
    BOOST_TEST((method(make.counts()) == algorithm::pdhg));
    BOOST_TEST(ir::choose(problem_of(s, make.variation_nonnegative())).problem_class ==
               "1 quadratic term + 1 term with a prox of x + 1 term with a prox behind an operator "
               "+ constraint nonnegative");
  }
}

BOOST_AUTO_TEST_CASE(the_chosen_solver_reaches_the_minimum) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    for (const small_problem& p : {make.lasso(), make.box_constrained(), make.variation(),
                                   make.variation_nonnegative(), make.counts()})
      BOOST_TEST_CONTEXT(s.name << ", " << p.name)
    check_close(solve(s, problem_of(s, p)), p.minimiser, ir::test::within(s.type));
    const auto ridge =
        ir::make_solver(s.q, problem_of(s, make.ridge()), ir::choose(problem_of(s, make.ridge())));
    ir::run(s.q, *ridge, {.iterations = 30});
    BOOST_TEST(distance(s, ridge->solution(), make.ridge().minimiser) < ir::test::within(s.type));
  }
}

// sirt weighs the data by row sums: its minimum is another one where they contradict each other.
BOOST_AUTO_TEST_CASE(every_algorithm_solves_each_class_of_problems_or_refuses_it) {
  using enum algorithm;
  const std::set<algorithm> splitting{pdhg, condat_vu, pd3o, algorithm::admm};
  const std::set<algorithm> gradients{gradient_descent, fista};
  const auto with = [](std::set<algorithm> a, const std::set<algorithm>& b) {
    a.insert(b.begin(), b.end());
    return a;
  };
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const std::pair<small_problem, std::set<algorithm>> table[] = {
        {make.ridge(), with(gradients, {cg, algorithm::lsqr, pdhg})},
        {make.lasso(), with(gradients, splitting)},
        {make.box_constrained(), with(gradients, splitting)},
        {make.variation(), splitting},
        {make.variation_nonnegative(), splitting},
        {make.counts(), splitting},
    };
    for (const auto& [small, able] : table)
      for (const algorithm a : ir::all_algorithms()) {
        if (a == algorithm::sirt) continue;
        BOOST_TEST_CONTEXT(s.name << ", " << small.name << ", " << ir::name_of(a)) {
          const ir::problem p = problem_of(s, small);
          if (able.contains(a))
            check_close(solve(s, p, a, 8000), small.minimiser, ir::test::within(s.type));
          else
            BOOST_CHECK_THROW(ir::make_solver(s.q, p, ir::choose(p, a)), ir::usage_error);
        }
      }
  }
}

BOOST_AUTO_TEST_CASE(likelihoods_without_a_constant_are_descended_by_backtracking) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    for (const double background : {0.0, 0.5}) {
      const ir::problem p{
          make.domain,
          s.type,
          s.q.where(),
          {{1, std::make_shared<ir::poisson>(s.q, vec_of(s, make.range, make.b), background),
            ir::test::dense(make.matrix)}},
          {},
          std::make_shared<ir::box>(make.domain, 0.1, 0.9)};
      const auto minimiser = ir::test::reference_minimum(
          ir::test::unknowns,
          {{ir::test::rows, make.matrix, ir::test::prox_poisson(make.b, background)},
           {ir::test::unknowns, ir::test::identity_matrix(), ir::test::prox_box(0.1, 0.9)}});

      const auto fista = ir::choose(p, algorithm::fista);

      BOOST_TEST((ir::choose(p).method == algorithm::pdhg));
      BOOST_TEST(fista.backtracking);
      BOOST_TEST(fista.why ==
                 "fista was asked for; no constant of the gradient holds everywhere: steps by "
                 "backtracking");
      for (const algorithm a : {algorithm::fista, algorithm::gradient_descent})
        BOOST_TEST_CONTEXT(s.name << ", " << ir::name_of(a) << ", background " << background)
      check_close(solve(s, p, a), minimiser, ir::test::within(s.type));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_solver_tells_its_steps_penalties_and_momentum) {
  setup s("cpu f64", ir::precision::f64, {});
  const problem_maker make{s};
  const auto told = [&](const small_problem& small, algorithm a, const std::string& name) {
    const auto p = problem_of(s, small);
    for (const ir::parameter_of& now : ir::make_solver(s.q, p, ir::choose(p, a))->parameters())
      if (now.name == name) return now.value;
    return std::string("nothing");
  };

  BOOST_TEST(told(make.variation(), algorithm::pdhg, "tau") == "0.707107");
  BOOST_TEST(told(make.variation(), algorithm::pdhg, "sigma") == "0.707107");
  BOOST_TEST(told(make.variation(), algorithm::pdhg, "balance") ==
             "sigma / tau = 1, follows the residuals");
  BOOST_TEST(told(make.variation(), algorithm::pd3o, "relaxation") == "1");
  BOOST_TEST(told(make.variation(), algorithm::admm, "rho") == "1, follows the residuals");
  BOOST_TEST(told(make.variation(), algorithm::admm, "relaxation") == "1.6");
  BOOST_TEST(told(make.lasso(), algorithm::fista, "momentum") ==
             "Nesterov's, starts again where it points uphill");
  BOOST_TEST(told(make.lasso(), algorithm::gradient_descent, "momentum") == "none");
  BOOST_TEST(told(make.ridge(), algorithm::lsqr, "damping") == "0.547723");
  BOOST_TEST(told(make.ridge(), algorithm::cg, "preconditioner") == "none");
}

BOOST_AUTO_TEST_CASE(two_blurred_views_are_fused_with_their_weights) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const auto other = ir::test::random_values(ir::test::rows * ir::test::unknowns, 31, 0, 1);
    const auto c = ir::test::random_values(ir::test::rows, 32, 0, 2);
    auto p = problem_of(s, make.variation());
    p.fidelities[0].weight = 2;
    p.fidelities.push_back(
        {5,
         ir::shifted(s.q, std::make_shared<ir::half_square>(make.range), vec_of(s, make.range, c)),
         ir::test::dense(other)});
    const auto square = [](std::vector<double> b, double w) {
      return [b = std::move(b), w](std::vector<double>& v, double t) {
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = (v[i] + t * w * b[i]) / (1 + t * w);
      };
    };
    const auto minimiser = ir::test::reference_minimum(
        ir::test::unknowns,
        {{ir::test::rows, make.matrix, square(make.b, 2)},
         {ir::test::rows, other, square(c, 5)},
         {ir::test::unknowns - 1, ir::test::difference_matrix(), ir::test::prox_absolute(0.3)}});

    check_close(solve(s, p), minimiser, ir::test::within(s.type));
    check_close(solve(s, p, algorithm::admm, 4000), minimiser, ir::test::within(s.type));
  }
}

BOOST_AUTO_TEST_CASE(second_derivatives_go_to_alternating_directions) {
  for (setup& s : ir::test::setups()) {
    const ir::space in({6, 8});
    const double h[] = {0.25, 0.5, 0.25};
    const auto A = std::make_shared<ir::convolution_operator>(
        s.q, in.extents(), ir::cref(h, ir::dtype::f64, ir::shape{1, 3}), ir::boundary::reflect,
        ir::psf_sum::one, s.type);
    const auto H = std::make_shared<ir::hessian>(in);
    const auto y = ir::test::random_vec(s, in, 3);
    const ir::problem p{in,
                        s.type,
                        s.q.where(),
                        {{1, ir::shifted(s.q, std::make_shared<ir::half_square>(in), y), A}},
                        {{0.2, std::make_shared<ir::l21>(H->range()), H}},
                        std::make_shared<ir::box>(in, -0.5, 0.5)};

    const auto c = ir::choose(p);
    const auto one = ir::make_solver(s.q, p, c);
    const auto other = ir::make_solver(s.q, p, ir::choose(p, algorithm::pdhg));
    ir::run(s.q, *one, {.iterations = 2000});
    ir::run(s.q, *other, {.iterations = 20000});

    BOOST_TEST((c.method == algorithm::admm));
    BOOST_TEST(distance(s, one->solution(), ir::test::values(s, other->solution())) <
               (s.type == ir::precision::f32 ? 1e-2 : 1e-5));
  }
}

BOOST_AUTO_TEST_CASE(convolutions_are_solved_in_the_fourier_domain) {
  for (setup& s : ir::test::setups()) {
    const ir::shape n{6, 8};
    const double h[] = {0.25, 0.5, 0.25};
    const auto A = std::make_shared<ir::convolution_operator>(
        s.q, n, ir::cref(h, ir::dtype::f64, ir::shape{1, 3}), ir::boundary::circular,
        ir::psf_sum::one, s.type);
    const auto y = ir::test::random_vec(s, ir::space(n), 3);
    const ir::problem p{
        ir::space(n),
        s.type,
        s.q.where(),
        {{1, ir::shifted(s.q, std::make_shared<ir::half_square>(ir::space(n)), y), A}},
        {{0.1, std::make_shared<ir::l1>(ir::space(n)), A}},
        std::make_shared<ir::box>(ir::space(n), -1, 1)};
    const auto G = std::make_shared<ir::gradient>(ir::space(n));
    auto variation = p;
    variation.constraint = nullptr;
    variation.regularisers = {{0.1, std::make_shared<ir::l21>(G->range()), G}};

    const auto c = ir::choose(p), fused = ir::choose(variation);

    BOOST_TEST((c.method == algorithm::admm));
    BOOST_TEST(ir::make_solver(s.q, p, c)->solution().in() == ir::space(n));
    const bool cpu = s.q.where().kind == ir::device::cpu;
    BOOST_TEST((fused.method == (cpu ? algorithm::tv_splitting : algorithm::pdhg)));
    const auto one = ir::make_solver(s.q, variation, fused);
    const auto other = ir::make_solver(s.q, variation, ir::choose(variation, algorithm::pdhg));
    ir::run(s.q, *one, {.iterations = 2000});
    ir::run(s.q, *other, {.iterations = 5000});
    BOOST_TEST(distance(s, one->solution(), ir::test::values(s, other->solution())) <
               (s.type == ir::precision::f32 ? 1e-3 : 1e-5));
  }
}

BOOST_AUTO_TEST_CASE(constants_have_an_origin_and_unknown_norms_are_asked_for) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    auto p = problem_of(s, make.variation());
    const auto A = std::make_shared<ir::test::dense_operator>(make.domain, make.range, make.matrix);
    p.fidelities[0].A = A;
    const auto before = ir::choose(p);
    A->learn_norm({5, 6, "told"});

    const auto after = ir::choose(p, ir::algorithm::condat_vu);

    BOOST_REQUIRE(before.unknown.size() == 1);
    BOOST_TEST(before.unknown[0] == A);
    BOOST_CHECK_THROW(ir::make_solver(s.q, p,
                                      [&] {
                                        auto fresh = p;
                                        fresh.fidelities[0].A =
                                            std::make_shared<ir::test::dense_operator>(
                                                make.domain, make.range, make.matrix);
                                        return ir::choose(fresh);
                                      }()),
                      ir::usage_error);
    BOOST_TEST(after.unknown.empty());
    const auto named = [&](const std::string& what) {
      for (const ir::constant& c : after.constants)
        if (c.what == what) return c;
      return ir::constant{"absent", 0, 0, ""};
    };
    BOOST_TEST(named("||operator|| before shifted l2^2/2").upper == 6);
    BOOST_TEST(named("||operator|| before shifted l2^2/2").origin == "told");
    BOOST_TEST(named("L").upper == 36);
    BOOST_TEST(std::abs(named("||K||^2").upper - 4) < 1e-12);
    BOOST_TEST(after.memory_bytes > 0);
  }
}

BOOST_AUTO_TEST_CASE(an_identity_is_no_operator) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    auto p = problem_of(s, make.lasso());
    p.regularisers[0].A = std::make_shared<ir::identity>(make.domain);

    BOOST_TEST((ir::choose(p).method == algorithm::fista));
  }
}

BOOST_AUTO_TEST_CASE(data_alone_may_be_given_to_mlem_and_sirt) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    auto counts = problem_of(s, make.counts()), data = problem_of(s, make.box_constrained());
    counts.regularisers.clear();
    const auto y = vec_of(s, make.range, make.b);
    ir::mlem by_hand(s.q, counts.fidelities[0].A, y, {.background = 0.5});
    ir::sirt bounded(s.q, data.fidelities[0].A, y, {.low = 0.2, .high = 0.9});
    ir::run(s.q, by_hand, {.iterations = 9});
    ir::run(s.q, bounded, {.iterations = 9});

    BOOST_TEST(solve(s, counts, algorithm::mlem, 9) == ir::test::values(s, by_hand.solution()),
               boost::test_tools::per_element());
    BOOST_TEST(solve(s, data, algorithm::sirt, 9) == ir::test::values(s, bounded.solution()),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_done_is_refused_with_the_reason) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const auto p = problem_of(s, make.variation());
    const auto refused = [&](algorithm a, const std::string& why) {
      BOOST_CHECK_EXCEPTION(ir::choose(p, a), ir::usage_error,
                            [&](const ir::error& e) { return std::string(e.what()) == why; });
    };

    refused(algorithm::cg, "cg cannot solve this: not every term is quadratic");
    refused(algorithm::fista,
            "fista cannot solve this: l1 is not smooth and stands behind an operator");
    refused(algorithm::douglas_rachford,
            "douglas-rachford cannot solve this: shifted l2^2/2 is not a term with a prox of x "
            "itself");
    refused(algorithm::sirt,
            "sirt cannot solve this: it takes one fidelity behind an operator, and no regulariser");
    BOOST_CHECK_THROW((void)ir::choose({make.domain, s.type, {}, {}}), ir::usage_error);
    for (const algorithm a : ir::all_algorithms())
      BOOST_TEST((ir::algorithm_named(ir::name_of(a)) == a));
    BOOST_TEST(!ir::algorithm_named("magic").has_value());
  }
}

BOOST_AUTO_TEST_CASE(objective_and_fidelity_by_hand) {
  for (setup& s : ir::test::setups()) {
    const ir::space in({2});
    const auto y = vec_of(s, in, {1, 2}), x = vec_of(s, in, {3, 2});
    const ir::problem p{in,
                        s.type,
                        s.q.where(),
                        {{2, ir::shifted(s.q, std::make_shared<ir::half_square>(in), y)}},
                        {{0.5, std::make_shared<ir::l1>(in)}},
                        std::make_shared<ir::box>(in, 0)};

    BOOST_TEST(ir::fidelity_of(s.q, p, x) == 4);
    BOOST_TEST(ir::objective_of(s.q, p, x) == 4 + 2.5);
  }
}

BOOST_AUTO_TEST_SUITE_END()
