#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.hpp"
#include "small_problems.hpp"
#include "solver/cg.hpp"
#include "solver/lsqr.hpp"
#include "solver/row_action.hpp"
#include "support/solver_laws.hpp"

namespace {

using ir::test::dense_term;
using ir::test::distance;
using ir::test::problem_maker;
using ir::test::setup;
using ir::test::unknowns;
using ir::test::vec_of;

dense_term square_term(std::size_t rows, std::vector<double> K, std::vector<double> b,
                       std::vector<double> w) {
  return {rows, std::move(K), [b = std::move(b), w = std::move(w)](auto& v, double t) {
            for (std::size_t i = 0; i < v.size(); ++i)
              v[i] = (v[i] + t * w[i] * b[i]) / (1 + t * w[i]);
          }};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(linear_solvers)

BOOST_AUTO_TEST_CASE(lsqr_solves_least_squares_with_and_without_damping) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const auto y = vec_of(s, make.range, make.b);
    const auto A = ir::test::dense(make.matrix);
    const dense_term data = make.square_reference();
    const dense_term ridge =
        square_term(unknowns, ir::test::identity_matrix(), std::vector<double>(unknowns),
                    std::vector<double>(unknowns, 0.3));
    ir::lsqr plain(s.q, A, y), damped(s.q, A, y, {.damping = std::sqrt(0.3)});

    const auto result = ir::run(s.q, plain, {.iterations = 40, .residual = 0.0});
    ir::run(s.q, damped, {.iterations = 40});

    BOOST_TEST(distance(s, plain.solution(), ir::test::reference_minimum(unknowns, {data})) <
               10 * ir::test::within(s.type));
    BOOST_TEST(
        distance(s, damped.solution(), ir::test::reference_minimum(unknowns, {data, ridge})) <
        ir::test::within(s.type));
    ir::owned_vec r(s.q, make.range, s.type);
    A->apply(s.q, plain.solution(), r);
    ir::axpby(s.q, 1, y, -1, r);
    BOOST_TEST(std::abs(ir::inner_product().norm(s.q, r) - *result.last.misfit) <
               ir::test::within(s.type));
  }
}

BOOST_AUTO_TEST_CASE(lsqr_and_conjugate_gradients_take_the_same_steps) {
  setup s("cpu f64", ir::precision::f64, {});
  const problem_maker make{s};
  const auto y = vec_of(s, make.range, make.b);
  const auto A = ir::test::dense(make.matrix);
  ir::lsqr one(s.q, A, y);
  ir::conjugate_gradient other(s.q, A, y, ir::conjugate_gradient::system::normal);

  for (int k = 1; k < 6; ++k) {
    const auto a = one.step(s.q), b = other.step(s.q);

    BOOST_TEST(distance(s, one.solution(), ir::test::values(s, other.solution())) < 1e-9);
    BOOST_TEST(std::abs(*a.residual - *b.residual) < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(lsqr_of_nothing_is_nothing) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    ir::lsqr solver(s.q, ir::test::dense(make.matrix), ir::owned_vec(s.q, make.range, s.type));

    const auto result = ir::run(s.q, solver, {.residual = 1e-6});

    BOOST_TEST(result.converged);
    BOOST_TEST(distance(s, solver.solution(), std::vector<double>(unknowns)) == 0);
    BOOST_CHECK_THROW(
        ir::lsqr(s.q, ir::test::dense(make.matrix), ir::owned_vec(s.q, make.domain, s.type)),
        ir::shape_error);
  }
}

BOOST_AUTO_TEST_CASE(mlem_reaches_the_most_likely_image) {
  for (setup& s : ir::test::setups()) {
    problem_maker make{s};
    // counts of a positive image: the maximum lies inside
    std::vector<double> truth = ir::test::random_values(unknowns, 5, 1, 3), y(make.b.size());
    for (std::size_t r = 0; r < y.size(); ++r)
      for (std::size_t c = 0; c < unknowns; ++c) y[r] += make.matrix[r * unknowns + c] * truth[c];
    ir::mlem solver(s.q, ir::test::dense(make.matrix), vec_of(s, make.range, y));
    ir::iteration first, last;
    solver.evaluate(s.q, first);

    ir::run(s.q, solver, {.iterations = 20000});

    solver.evaluate(s.q, last);
    BOOST_TEST(distance(s, solver.solution(), truth) < 0.05);  // slow, as it is known to be
    BOOST_TEST(*last.objective < 1e-4 * *first.objective);
  }
}

BOOST_AUTO_TEST_CASE(mlem_keeps_the_sum_of_the_counts_and_never_raises_the_divergence) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const auto A = ir::test::dense(make.matrix);
    const auto y = vec_of(s, make.range, make.b);
    ir::mlem solver(s.q, A, y, {.background = 0.0});
    double before = std::numeric_limits<double>::infinity();

    for (int k = 0; k < 20; ++k) {
      auto now = solver.step(s.q);
      solver.evaluate(s.q, now);
      BOOST_TEST(*now.objective <= before * (1 + 1e-6));
      before = *now.objective;
      ir::owned_vec Ax(s.q, make.range, s.type);
      A->apply(s.q, solver.solution(), Ax);
      double sum = 0, counts = 0;
      for (const double v : ir::test::values(s, Ax)) sum += v;
      for (const double v : make.b) counts += v;
      BOOST_TEST(std::abs(sum - counts) < 1e-4);
    }
  }
}

BOOST_AUTO_TEST_CASE(sirt_reaches_weighted_least_squares_and_keeps_bounds) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const auto y = vec_of(s, make.range, make.b);
    std::vector<double> weights(make.b.size());
    for (std::size_t r = 0; r < weights.size(); ++r) {
      double sum = 0;
      for (std::size_t c = 0; c < unknowns; ++c) sum += make.matrix[r * unknowns + c];
      weights[r] = 1 / sum;
    }
    const dense_term data = square_term(weights.size(), make.matrix, make.b, weights);
    const dense_term bounds{unknowns, ir::test::identity_matrix(), ir::test::prox_box(0.2, 0.9)};
    ir::sirt plain(s.q, ir::test::dense(make.matrix), y, {.relaxation = 1.9});
    ir::sirt bounded(s.q, ir::test::dense(make.matrix), y, {.low = 0.2, .high = 0.9});

    ir::run(s.q, plain, {.iterations = 20000, .change = 0.0});
    ir::run(s.q, bounded, {.iterations = 5});

    BOOST_TEST(distance(s, plain.solution(), ir::test::reference_minimum(unknowns, {data})) <
               (s.type == ir::precision::f32 ? 2e-2 : 1e-5));
    for (const double v : ir::test::values(s, bounded.solution()))
      BOOST_TEST((v >= 0.2 - 1e-7 && v <= 0.9 + 1e-7));
  }
}

BOOST_AUTO_TEST_CASE(sirt_stops_at_the_noise) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    ir::sirt solver(s.q, ir::test::dense(make.matrix), vec_of(s, make.range, make.b));

    const auto result = ir::run(s.q, solver, {.iterations = 500, .discrepancy = 2.6});

    BOOST_TEST(result.converged);
    BOOST_TEST(result.reason.starts_with("misfit"));
    BOOST_TEST(result.last.k > 1);
  }
}

BOOST_AUTO_TEST_CASE(checkpoints_go_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) {
    const problem_maker make{s};
    const auto y = vec_of(s, make.range, make.b);
    const auto A = ir::test::dense(make.matrix);
    ir::test::check_resume(s, [&] { return std::make_unique<ir::lsqr>(s.q, A, y); });
    ir::test::check_resume(s, [&] { return std::make_unique<ir::mlem>(s.q, A, y); });
    ir::test::check_resume(s, [&] { return std::make_unique<ir::sirt>(s.q, A, y); });
  }
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_refused) {
  for (setup& s : ir::test::setups()) {
    problem_maker make{s};
    const auto y = vec_of(s, make.range, make.b);
    const auto A = ir::test::dense(make.matrix);
    make.matrix[3] = -100;
    const auto negative = ir::test::dense(make.matrix);

    BOOST_CHECK_THROW(ir::sirt(s.q, A, y, {.relaxation = 2}), ir::usage_error);
    BOOST_CHECK_THROW(ir::sirt(s.q, A, y, {.low = 1, .high = 0}), ir::usage_error);
    BOOST_CHECK_THROW(ir::sirt(s.q, negative, y), ir::data_error);
    BOOST_CHECK_THROW(ir::mlem(s.q, negative, y), ir::data_error);
    BOOST_CHECK_THROW(ir::lsqr(s.q, A, y, {.damping = -1}), ir::usage_error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
