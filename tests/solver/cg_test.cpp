#include "solver/cg.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "support/dense_operator.hpp"
#include "support/memory_archive.hpp"
#include "support/setup.hpp"

namespace {

using ir::conjugate_gradient;
using ir::space;
using ir::test::memory_archive;
using ir::test::setup;
using ir::test::vec_of;
using system_of = ir::conjugate_gradient::system;

const auto each = boost::test_tools::per_element();

/// Largest |x - truth|.
double error(setup& s, ir::cvec x, ir::cvec truth) {
  const auto a = ir::test::values(s, x), b = ir::test::values(s, truth);
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

/// Solves A x = A truth and compares.
void check_recovery(setup& s, const ir::op_ptr& A, system_of system) {
  const auto truth = ir::test::random_vec(s, A->domain(), 3);
  ir::owned_vec y(s.q, A->range(), s.type);
  A->apply(s.q, truth, y);
  conjugate_gradient solver(s.q, A, y, system);

  const auto result =
      ir::run(s.q, solver, {.iterations = 60, .residual = 2 * ir::test::epsilon(s.type)});

  BOOST_TEST(result.converged);
  BOOST_TEST(error(s, solver.solution(), truth) < 200 * ir::test::epsilon(s.type));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conjugate_gradients)

BOOST_AUTO_TEST_CASE(a_complex_system_is_solved) {
  for (setup& s : ir::test::setups())
    BOOST_TEST_CONTEXT(s.name) check_recovery(s, ir::test::complex_band(20), system_of::direct);
}

BOOST_AUTO_TEST_CASE(a_ragged_system_is_solved_in_the_least_squares_sense) {
  for (setup& s : ir::test::setups())
    BOOST_TEST_CONTEXT(s.name) check_recovery(s, ir::test::ragged_parts(5, 7), system_of::normal);
}

BOOST_AUTO_TEST_CASE(the_number_of_steps_is_that_of_distinct_eigenvalues) {
  for (setup& s : ir::test::setups()) {
    // A^H A is diagonal with 1/4 (odd rows), 5/4, and 1 more at the edges: 4 values
    const auto A = ir::test::ragged_parts(6, 8);
    const auto y = ir::test::random_vec(s, A->range(), 1);
    conjugate_gradient solver(s.q, A, y, system_of::normal);

    const auto result = ir::run(s.q, solver, {.iterations = 4});

    BOOST_TEST(result.last.residual.value() < 50 * ir::test::epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(weight_and_ridge_by_hand) {
  for (setup& s : ir::test::setups()) {
    const auto A = ir::test::ragged_parts(1, 2);  // x -> x | x0 + j x1 | x / 2
    const auto y = vec_of(s, A->range(), {1, 2, 3, 4, 5, 6});
    const auto w = vec_of(s, A->range(), {1, 0, 0, 2, 4, 0});
    conjugate_gradient solver(s.q, A, y, system_of::normal, {.ridge = 0.5, .weight = w});

    ir::run(s.q, solver, {.iterations = 2});

    // x0: 1 * 1 + 4 * 5 / 2 = 11 over 1 + 4 / 4 + 1/2;  x1: 2 * 4 = 8 over 2 + 1/2
    const auto x = ir::test::values(s, solver.solution());
    BOOST_TEST(std::abs(x[0] - 11 / 2.5) < 20 * ir::test::epsilon(s.type));
    BOOST_TEST(std::abs(x[1] - 8 / 2.5) < 20 * ir::test::epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(a_start_at_the_solution_stays_there) {
  for (setup& s : ir::test::setups()) {
    const auto A = ir::test::complex_band(3);
    const auto truth = vec_of(s, A->domain(), {1, 2, 3, 4, 5, 6});
    ir::owned_vec y(s.q, A->range(), s.type);
    A->apply(s.q, truth, y);
    conjugate_gradient solver(s.q, A, y, system_of::direct, {.start = truth});

    const auto result = ir::run(s.q, solver, {.iterations = 5, .residual = 0.0});

    BOOST_TEST(result.last.k == 1);
    BOOST_TEST(ir::test::values(s, solver.solution()) == ir::test::values(s, truth), each);
  }
}

BOOST_AUTO_TEST_CASE(data_of_zero_have_the_solution_zero) {
  for (setup& s : ir::test::setups()) {
    const auto A = ir::test::ragged_parts(2, 2);
    conjugate_gradient solver(s.q, A, ir::owned_vec(s.q, A->range(), s.type), system_of::normal);

    const auto result = ir::run(s.q, solver, {.iterations = 5, .residual = 1e-6});

    BOOST_TEST(result.converged);
    BOOST_TEST(ir::test::values(s, solver.solution()) == std::vector<double>(4), each);
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_goes_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) {
    const auto A = ir::test::complex_band(30);
    const auto y = ir::test::random_vec(s, A->range(), 5);
    conjugate_gradient whole(s.q, A, y, system_of::direct), first(s.q, A, y, system_of::direct);
    conjugate_gradient second(s.q, A, ir::test::random_vec(s, A->range(), 6), system_of::direct);
    ir::run(s.q, whole, {.iterations = 9});

    memory_archive archive(s.q, memory_archive::way::save);
    const auto stopped = ir::run(s.q, first, {.iterations = 9}, [](const auto& now, ir::cvec) {
      return now.k == 4 ? ir::verdict::checkpoint : ir::verdict::go_on;
    });
    first.state(archive);
    archive.does = memory_archive::way::restore;
    second.state(archive);
    const auto result = ir::run(s.q, second, {.iterations = 9});

    BOOST_TEST(stopped.reason == "checkpoint");
    BOOST_TEST(stopped.last.k == 4);
    BOOST_TEST(result.last.k == 9);
    BOOST_TEST(ir::test::values(s, second.solution()) == ir::test::values(s, whole.solution()),
               each);
  }
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const int before = ir::threads();
  for (setup& s : ir::test::setups()) {
    const auto A = ir::test::ragged_parts(13, 11);
    const auto y = ir::test::random_vec(s, A->range(), 5);
    std::vector<std::vector<double>> results;
    for (const int n : {1, 2, 5}) {
      ir::set_threads(n);
      conjugate_gradient solver(s.q, A, y, system_of::normal);
      ir::run(s.q, solver, {.iterations = 3});
      results.push_back(ir::test::values(s, solver.solution()));
    }

    BOOST_TEST(results[0] == results[1], each);
    BOOST_TEST(results[0] == results[2], each);
  }
  ir::set_threads(before);
}

BOOST_AUTO_TEST_CASE(nan_in_the_data_is_a_numeric_error) {
  for (setup& s : ir::test::setups()) {
    const auto A = ir::test::complex_band(2);
    const auto y = vec_of(s, A->range(), {1, NAN, 0, 0});
    conjugate_gradient solver(s.q, A, y, system_of::direct);

    BOOST_CHECK_THROW(ir::run(s.q, solver, {}), ir::numeric_error);
  }
}

BOOST_AUTO_TEST_CASE(a_negative_system_is_a_numeric_error) {
  for (setup& s : ir::test::setups()) {
    const space in({2});
    const auto A =
        std::make_shared<ir::test::dense_operator>(in, in, std::vector<double>{1, 0, 0, -1});
    conjugate_gradient solver(s.q, A, vec_of(s, in, {0, 1}), system_of::direct);

    BOOST_CHECK_THROW(ir::run(s.q, solver, {}), ir::numeric_error);
  }
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_refused) {
  for (setup& s : ir::test::setups()) {
    const auto A = ir::test::complex_band(2);
    const auto y = ir::test::random_vec(s, A->range(), 5);
    const auto other = ir::test::random_vec(s, space({4}), 5);

    BOOST_CHECK_THROW(conjugate_gradient(s.q, A, other, system_of::direct), ir::shape_error);
    BOOST_CHECK_THROW(conjugate_gradient(s.q, A, y, system_of::direct, {.ridge = -1}),
                      ir::usage_error);
    BOOST_CHECK_THROW(conjugate_gradient(s.q, A, y, system_of::direct, {.weight = y}),
                      ir::usage_error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
