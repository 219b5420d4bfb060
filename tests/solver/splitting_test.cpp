#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.hpp"
#include "fn/combine.hpp"
#include "fn/half_square.hpp"
#include "fn/l21.hpp"
#include "op/algebra.hpp"
#include "op/convolution.hpp"
#include "op/difference.hpp"
#include "small_problems.hpp"
#include "solver/admm.hpp"
#include "solver/douglas_rachford.hpp"
#include "solver/primal_dual.hpp"
#include "support/solver_laws.hpp"

namespace {

using ir::admm;
using ir::douglas_rachford;
using ir::test::distance;
using ir::test::problem_maker;
using ir::test::setup;
using ir::test::small_problem;
using ir::test::unknowns;
using ir::test::vec_of;

/// Quadratics are smooth, the rest is split off; `data_split`: the data too.
ir::composite parts_of(const small_problem& p) {
  ir::composite parts{{}, p.constraint, {}};
  std::vector<ir::term> all = p.regulariser;
  all.push_back(p.data);
  for (const ir::term& t : all) (t.f->quadratic() ? parts.smooth : parts.coupled).push_back(t);
  return parts;
}

void check_minimum(setup& s, const small_problem& p, const ir::admm_options& o, double slower = 1) {
  admm solver(s.q, p.data.A->domain(), s.type, parts_of(p), o);
  ir::run(s.q, solver, {.iterations = static_cast<ir::index_t>(4000 * slower), .change = 0.0});
  BOOST_TEST(distance(s, solver.solution(), p.minimiser) < slower * ir::test::within(s.type));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(splittings)

BOOST_AUTO_TEST_CASE(alternating_directions_reach_the_minimum_of_every_class) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    for (const small_problem& p :
         {make.lasso(), make.box_constrained(), make.variation(), make.variation_nonnegative()})
      BOOST_TEST_CONTEXT(s.name << ", " << p.name) {
        check_minimum(s, p, {});
        check_minimum(s, p, {.rho = 3, .balance = false, .relaxation = 1});
      }
    BOOST_TEST_CONTEXT(s.name << ", counts") check_minimum(s, make.counts(), {}, 10);
  }
}

BOOST_AUTO_TEST_CASE(a_composed_quadratic_keeps_its_data) {
  for (setup& s : ir::test::setups()) {
    // the minimiser of the data term is far from 0, where a lost one would end
    const auto p = problem_maker{s}.variation();
    admm solver(s.q, p.data.A->domain(), s.type, parts_of(p));

    ir::run(s.q, solver, {.iterations = 300});

    double most = 0;
    for (const double v : ir::test::values(s, solver.solution()))
      most = std::max(most, std::abs(v));
    BOOST_TEST(most > 0.1);
    BOOST_TEST(distance(s, solver.solution(), p.minimiser) < 1e-3);
  }
}

BOOST_AUTO_TEST_CASE(a_circular_blur_is_inverted_in_the_fourier_domain) {
  for (setup& s : ir::test::setups()) {
    const ir::shape n{12, 9};
    const std::vector<double> h = ir::test::random_values(15, 3, 0, 1);
    const ir::space in(n);
    const auto A = std::make_shared<ir::convolution_operator>(
        s.q, n, ir::cref(h.data(), ir::dtype::f64, ir::shape{3, 5}), ir::boundary::circular,
        ir::psf_sum::one, s.type);
    const auto y = ir::test::random_vec(s, in, 9);
    const ir::composite parts{{{2, ir::shifted(s.q, std::make_shared<ir::half_square>(in), y), A}},
                              std::make_shared<ir::box>(in, -0.3, 0.4),
                              {}};
    admm exact(s.q, in, s.type, parts);
    ir::primal_dual other(s.q, in, s.type, {{}, parts.simple, {parts.smooth[0]}}, {});

    ir::run(s.q, exact, {.iterations = 3000, .change = 0.0});
    ir::run(s.q, other, {.iterations = 30000, .change = 0.0});

    BOOST_TEST(exact.inner() == "exact, in the Fourier domain");
    BOOST_TEST(distance(s, exact.solution(), ir::test::values(s, other.solution())) <
               (s.type == ir::precision::f32 ? 1e-2 : 1e-5));
  }
}

BOOST_AUTO_TEST_CASE(periodic_differences_of_channels_are_inverted_in_the_fourier_domain) {
  for (setup& s : ir::test::setups()) {
    const ir::space in({2, 7, 6}, ir::field::real, 2);
    const auto y = ir::test::random_vec(s, in, 5);
    const ir::difference_options periodic{.rule = ir::boundary::circular};
    const auto G = std::make_shared<ir::gradient>(in, periodic);
    const auto H = std::make_shared<ir::hessian>(in, periodic);
    const ir::composite parts{{{1, ir::shifted(s.q, std::make_shared<ir::half_square>(in), y)}},
                              nullptr,
                              {{0.3, std::make_shared<ir::l21>(G->range()), G},
                               {0.2, std::make_shared<ir::l21>(H->range()), ir::scale(0.5, H)}}};
    admm exact(s.q, in, s.type, parts);
    ir::primal_dual other(s.q, in, s.type, parts, {.method = ir::primal_dual_method::condat_vu});

    ir::run(s.q, exact, {.iterations = 3000, .change = 0.0});
    ir::run(s.q, other, {.iterations = 30000, .change = 0.0});

    BOOST_TEST(exact.inner() == "exact, in the Fourier domain");
    BOOST_TEST(distance(s, exact.solution(), ir::test::values(s, other.solution())) <
               (s.type == ir::precision::f32 ? 1e-3 : 1e-6));
  }
}

BOOST_AUTO_TEST_CASE(douglas_rachford_meets_two_proxes) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const auto b = ir::test::random_values(unknowns, 8, -1, 1);
    const auto data =
        ir::shifted(s.q, std::make_shared<ir::l1>(make.domain), vec_of(s, make.domain, b));
    const auto bounds = std::make_shared<ir::box>(make.domain, -0.5, 0.25);
    douglas_rachford solver(s.q, bounds, ir::scaled(0.7, data), s.type, {.tau = 0.5});

    const auto result = ir::run(s.q, solver, {.iterations = 2000, .kkt = 1e-7});

    auto clamped = b;
    for (double& v : clamped) v = std::min(std::max(v, -0.5), 0.25);
    BOOST_TEST(result.converged);
    BOOST_TEST(distance(s, solver.solution(), clamped) < 1e-5);
    BOOST_CHECK_THROW(douglas_rachford(s.q, bounds, data, s.type, {.tau = 0}), ir::usage_error);
    BOOST_CHECK_THROW(douglas_rachford(s.q, bounds, data, s.type, {.relaxation = 2}),
                      ir::usage_error);
    BOOST_CHECK_THROW(douglas_rachford(s.q, bounds, std::make_shared<ir::l1>(make.range), s.type),
                      ir::shape_error);
  }
}

BOOST_AUTO_TEST_CASE(checkpoints_go_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) {
    const auto p = problem_maker{s}.variation_nonnegative();
    ir::test::check_resume(
        s, [&] { return std::make_unique<admm>(s.q, p.data.A->domain(), s.type, parts_of(p)); });
    const ir::space in({7});
    const auto z = ir::test::random_vec(s, in, 2);
    const auto f = ir::shifted(s.q, std::make_shared<ir::l1>(in), z);
    const auto g = std::make_shared<ir::half_square>(in);
    ir::test::check_resume(s,
                           [&] { return std::make_unique<douglas_rachford>(s.q, f, g, s.type); });
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_quadratic_is_refused) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const ir::term robust{1, std::make_shared<ir::huber>(make.range, 1),
                          ir::test::dense(make.matrix)};

    BOOST_CHECK_THROW(
        admm(s.q, make.domain, s.type, {{robust}, std::make_shared<ir::box>(make.domain, 0), {}}),
        ir::usage_error);
    BOOST_CHECK_THROW(admm(s.q, make.domain, s.type, {{make.square()}, nullptr, {}}),
                      ir::usage_error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
