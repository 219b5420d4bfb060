#include "op/algebra.hpp"

#include <boost/test/unit_test.hpp>

#include "op/identity.hpp"
#include "support/dense_operator.hpp"
#include "support/dense_svd.hpp"
#include "support/operator_laws.hpp"
#include "support/operator_values.hpp"

namespace {

using ir::op_ptr;
using ir::space;
using ir::test::applied;
using ir::test::setup;

const auto each = boost::test_tools::per_element();

op_ptr matrix(const space& domain, const space& range, std::vector<double> m, ir::traits t = {}) {
  return std::make_shared<ir::test::dense_operator>(domain, range, std::move(m), t);
}
// Rows {1, 2, 0}, {0, 1, 3}.
op_ptr small() { return matrix(space({3}), space({2}), {1, 2, 0, 0, 1, 3}); }
op_ptr other() { return matrix(space({3}), space({2}), {0, 1, 1, 2, 0, -1}); }

// On the domain of A.
op_ptr identity_on(const op_ptr& A) { return std::make_shared<ir::identity>(A->domain()); }

void learn_truth(setup& s, const op_ptr& A) {
  const double norm = ir::test::true_norm(s, *A);
  A->learn_norm({norm * (1 - 1e-5), norm * (1 + 1e-5), "dense"});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(algebra)

BOOST_AUTO_TEST_CASE(laws_hold_for_every_construction) {
  for (setup& s : ir::test::setups()) BOOST_TEST_CONTEXT(s.name) {
      const op_ptr A = small(), B = other(), C = ir::test::complex_band(3);
      const op_ptr ragged = ir::test::ragged_parts(5, 4);
      const auto w = ir::test::vec_of(s, A->range(), {2, 0.5});
      for (const op_ptr& op :
           {ir::compose(A, ir::adjoint(B)), ir::compose(C, ir::compose(C, C)), ir::sum({A, B, A}),
            ir::scale(-2, A), ir::adjoint(A), ir::adjoint(ragged), ir::normal(ragged),
            ir::normal(s.q, A, w), ir::stack({A, B, A}), ir::stack({ragged, ragged}),
            ir::side_by_side({A, B}), ir::block_diagonal({A, C, ragged}),
            ir::compose(ir::adjoint(ragged), ragged), ir::scale(3, ir::sum({C, C})),
            ir::compose(A, ir::scale(0.5, ir::adjoint(B)))})
        ir::test::check_operator_laws(s, *op);
    }
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : ir::test::setups()) {
    const op_ptr A = small(), B = other();  // A x = {5, 11}, B x = {5, -1} at x = {1, 2, 3}

    BOOST_TEST(applied(s, *ir::sum({A, B}), {1, 2, 3}) == (std::vector<double>{10, 10}), each);
    BOOST_TEST(applied(s, *ir::scale(-2, A), {1, 2, 3}) == (std::vector<double>{-10, -22}), each);
    BOOST_TEST(applied(s, *ir::stack({A, B}), {1, 2, 3}) == (std::vector<double>{5, 11, 5, -1}),
               each);
    BOOST_TEST(
        applied(s, *ir::side_by_side({A, B}), {1, 2, 3, 1, 2, 3}) == (std::vector<double>{10, 10}),
        each);
    BOOST_TEST(applied(s, *ir::block_diagonal({A, B}), {1, 2, 3, 1, 0, 0}) ==
                   (std::vector<double>{5, 11, 0, 2}),
               each);
    BOOST_TEST(applied(s, *ir::adjoint(A), {5, 11}) == (std::vector<double>{5, 21, 33}), each);
    BOOST_TEST(applied(s, *ir::normal(A), {1, 2, 3}) == (std::vector<double>{5, 21, 33}), each);
    BOOST_TEST(applied(s, *ir::compose(A, ir::adjoint(A)), {1, 1}) == (std::vector<double>{7, 12}),
               each);
    const auto w = ir::test::vec_of(s, A->range(), {2, 1});
    BOOST_TEST(applied(s, *ir::normal(s.q, A, w), {1, 2, 3}) == (std::vector<double>{10, 31, 33}),
               each);
  }
}

BOOST_AUTO_TEST_CASE(a_leaf_that_is_estimated_later_tightens_every_expression_above_it) {
  setup s("f64", ir::precision::f64, {});
  const op_ptr A = small(), B = other();
  const op_ptr all =
      ir::stack({ir::compose(ir::scale(3, A), ir::adjoint(B)), identity_on(ir::adjoint(A))});

  BOOST_TEST(!all->norm().has_value());  // unknown is not infinite
  A->learn_norm({0, 10, "first"});
  BOOST_TEST(!all->norm().has_value());
  B->learn_norm({0, 10, "first"});
  const double loose = all->norm()->upper;
  learn_truth(s, A);
  learn_truth(s, B);

  BOOST_TEST(loose == std::sqrt(300 * 300 + 1.0), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(all->norm()->upper < 0.2 * loose);
  ir::test::check_norm_bounds(s, *all);
}

BOOST_AUTO_TEST_CASE(bounds_of_every_construction_hold_the_true_norm) {
  setup s("f64", ir::precision::f64, {});
  const op_ptr A = small(), B = other(), C = ir::test::complex_band(3);
  for (const op_ptr& leaf : {A, B, C}) learn_truth(s, leaf);
  const auto w = ir::test::vec_of(s, A->range(), {2, 0.5});
  for (const op_ptr& op :
       {ir::compose(A, ir::adjoint(B)), ir::sum({A, B}), ir::sum({A, ir::scale(-0.1, A)}),
        ir::sum({C, ir::scale(2, C)}), ir::scale(-2, A), ir::adjoint(A), ir::normal(s.q, A, w),
        ir::stack({A, B}), ir::side_by_side({A, B}), ir::block_diagonal({A, C}),
        ir::compose(ir::adjoint(A), A)}) {
    BOOST_TEST(op->norm().has_value());
    ir::test::check_norm_bounds(s, *op);
  }
}

BOOST_AUTO_TEST_CASE(mirrored_chains_and_isometries_lose_nothing) {
  setup s("f64", ir::precision::f64, {});
  const op_ptr A = small(), C = ir::test::complex_band(3);
  learn_truth(s, A);
  learn_truth(s, C);
  const op_ptr swap = matrix(space({2}), space({2}), {0, -1, 1, 0}, {.unitary = true});
  const op_ptr twice = ir::stack({swap, swap});  // A^H A = 2 I
  const auto width = [](const op_ptr& op) {
    const ir::bound b = *op->norm();
    return (b.upper - b.lower) / b.lower;
  };
  const auto exact = {ir::compose(ir::adjoint(A), A),
                      ir::adjoint(ir::compose(ir::adjoint(A), A)),
                      ir::compose(ir::adjoint(ir::compose(swap, A)), ir::compose(swap, A)),
                      ir::compose(twice, ir::compose(A, ir::adjoint(A))),
                      ir::compose(ir::adjoint(twice), twice),
                      ir::stack({twice, identity_on(twice)}),
                      ir::stack({A, ir::scale(0.5, identity_on(A))}),
                      ir::normal(A),
                      ir::compose(C, C)};

  for (const op_ptr& op : exact) {
    BOOST_TEST(width(op) < 1e-4);
    ir::test::check_norm_bounds(s, *op);
  }
}

BOOST_AUTO_TEST_CASE(traits_follow_from_the_operands) {
  const op_ptr C = ir::test::complex_band(3), A = small(), I = identity_on(A);

  BOOST_TEST((ir::adjoint(C) == C));
  BOOST_TEST((ir::adjoint(ir::adjoint(A)) == A));
  BOOST_TEST((ir::compose(A, I) == A));
  BOOST_TEST(ir::compose(ir::adjoint(A), A)->properties().positive);
  BOOST_TEST(ir::normal(A)->properties().positive);
  BOOST_TEST(ir::sum({C, C})->properties().positive);
  BOOST_TEST(!ir::scale(-1, C)->properties().positive);
  BOOST_TEST(ir::scale(-1, C)->properties().self_adjoint);
  BOOST_TEST(ir::scale(-1, I)->properties().unitary);
  BOOST_TEST(*ir::scale(3, I)->properties().semi_orthogonal == 9);
  BOOST_TEST(*ir::stack({I, ir::scale(2, I)})->properties().isometric == 5);
  BOOST_TEST(*ir::side_by_side({I, I})->properties().semi_orthogonal == 2);
  BOOST_TEST(ir::block_diagonal({I, I})->properties().unitary);
  BOOST_TEST(!ir::compose(ir::scale(2, I), I)->properties().unitary);
}

BOOST_AUTO_TEST_CASE(what_a_constant_becomes_bounds_norms_from_below) {
  const space n({3}), m({2});
  const op_ptr A = matrix(n, m, {1, 2, 0, 0, 4, -1}, {.constant = 3});
  const op_ptr B = matrix(n, m, {1, 1, 0, 2, 0, 0}, {.constant = 2});
  A->learn_norm({0, 9, "loose"});
  B->learn_norm({0, 9, "loose"});
  const auto squares = [](const op_ptr& op) { return std::pow(op->norm()->lower, 2); };
  const auto close = boost::test_tools::tolerance(1e-9);

  BOOST_TEST(squares(ir::stack({A, B})) == (9 + 4) * 2 / 3.0, close);
  BOOST_TEST(squares(ir::sum({A, ir::scale(-4, B)})) == 25 * 2 / 3.0, close);
  BOOST_TEST(*ir::side_by_side({A, B})->properties().constant == 5);
  BOOST_TEST(!ir::adjoint(A)->properties().constant.has_value());
  BOOST_TEST(*ir::compose(A, ir::scale(2, identity_on(A)))->properties().constant == 6);
}

BOOST_AUTO_TEST_CASE(a_bound_of_a_view_reaches_what_it_looks_at) {
  const op_ptr A = small();

  ir::scale(-2, ir::adjoint(A))->learn_norm({4, 8, "found"});
  BOOST_TEST(A->norm()->lower == 2);
  BOOST_TEST(A->norm()->upper == 4);
  ir::stack({A, A})->learn_norm({0, 3.5, "whole"});
  BOOST_TEST(A->norm()->upper == 3.5);
}

BOOST_AUTO_TEST_CASE(operands_that_do_not_fit_are_errors) {
  setup s("f64", ir::precision::f64, {});
  const op_ptr A = small(), C = ir::test::complex_band(3);
  const auto negative = ir::test::vec_of(s, A->range(), {1, -1});
  const auto wrong = ir::test::vec_of(s, A->domain(), {1, 1, 1});

  BOOST_CHECK_THROW(ir::compose(A, A), ir::shape_error);
  BOOST_CHECK_THROW(ir::sum({A, C}), ir::shape_error);
  BOOST_CHECK_THROW(ir::stack({A, C}), ir::shape_error);
  BOOST_CHECK_THROW(ir::side_by_side({A, C}), ir::shape_error);
  BOOST_CHECK_THROW(ir::sum(std::vector<op_ptr>{}), ir::usage_error);
  BOOST_CHECK_THROW(ir::adjoint(op_ptr{}), ir::usage_error);
  BOOST_CHECK_THROW(ir::scale(std::nan(""), A), ir::usage_error);
  BOOST_CHECK_THROW(ir::normal(s.q, A, negative), ir::usage_error);
  BOOST_CHECK_THROW(ir::normal(s.q, A, wrong), ir::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
