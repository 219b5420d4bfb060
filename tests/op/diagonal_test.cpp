#include "op/diagonal.hpp"

#include <boost/test/unit_test.hpp>

#include "support/dense_svd.hpp"
#include "support/operator_laws.hpp"
#include "support/operator_values.hpp"

namespace {

using ir::field;
using ir::loaded_array;
using ir::space;
using ir::test::check_values;
using ir::test::setup;

const loaded_array weights{"w.npy", {3}, field::real, {2, -4, 1}};
const loaded_array turns{"w.npy", {2}, field::complex, {0, 1, 3, 4}};  // i, 3 + 4i
const loaded_array picks{"i.npy", {4}, field::real, {5, 0, 5, 2}};

}  // namespace

BOOST_AUTO_TEST_SUITE(diagonal)

BOOST_AUTO_TEST_CASE(laws_hold_for_real_and_complex_weights_and_repeated_indices) {
  for (setup& s : ir::test::setups()) BOOST_TEST_CONTEXT(s.name) {
      const auto laws = [&](const ir::linear_operator& A) {
        ir::test::check_operator_laws(s, A);
        ir::test::check_norm_bounds(s, A);
      };
      laws(ir::diagonal(s.q, space({3}), weights, s.type));
      laws(ir::diagonal(s.q, space({2, 5, 3}), weights, s.type));
      laws(ir::diagonal(s.q, space({2, 3}, field::complex), weights, s.type));
      laws(ir::diagonal(s.q, space({3, 2}, field::complex), turns, s.type));
      laws(ir::subsample(s.q, space({2, 3}), picks, s.type));
      laws(ir::subsample(s.q, space({4, 2, 3}, {}, 2), picks, s.type));
      laws(ir::subsample(s.q, space({2, 3}, field::complex), picks, s.type));
    }
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : ir::test::setups()) {
    check_values(s, ir::diagonal(s.q, space({2, 3}), weights, s.type), {1, 1, 1, 2, 2, 2},
                 {2, -4, 1, 4, -8, 2});
    check_values(s, ir::diagonal(s.q, space({2}, field::complex), turns, s.type), {1, 2, 1, 1},
                 {-2, 1, -1, 7});
    check_values(s, ir::subsample(s.q, space({2, 3}), picks, s.type), {10, 11, 12, 13, 14, 15},
                 {15, 10, 15, 12});
  }
}

BOOST_AUTO_TEST_CASE(the_adjoint_of_repeated_picks_adds_them) {
  for (setup& s : ir::test::setups()) {
    const ir::subsample A(s.q, space({2, 3}), picks, s.type);
    const auto y = ir::test::vec_of(s, A.range(), {1, 2, 4, 8});
    ir::owned_vec x(s.q, A.domain(), s.type);

    A.adjoint(s.q, y, x);

    ir::test::check_close(s, ir::test::values(s, x), {2, 0, 8, 0, 0, 5});
    BOOST_TEST(std::abs(A.norm()->upper - std::sqrt(2.0)) < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(a_mask_is_a_projection) {
  for (setup& s : ir::test::setups()) {
    const loaded_array m{"m.tif", {3}, field::real, {0, 255, -1}};
    const ir::diagonal M(s.q, space({3}), ir::ones_where_set(m), s.type);

    check_values(s, M, {7, 8, 9}, {0, 8, 9});
    BOOST_TEST(M.properties().positive);
    BOOST_TEST(M.norm()->upper == 1, boost::test_tools::tolerance(1e-9));
  }
}

BOOST_AUTO_TEST_CASE(arrays_that_do_not_fit_are_errors) {
  setup s("f64", ir::precision::f64, {});
  const double nan = std::nan("");

  BOOST_CHECK_THROW(ir::diagonal(s.q, space({4}), weights, s.type), ir::shape_error);
  BOOST_CHECK_THROW(ir::diagonal(s.q, space({2}), turns, s.type), ir::shape_error);
  BOOST_CHECK_THROW(ir::diagonal(s.q, space({1}), {"w", {1}, field::real, {nan}}, s.type),
                    ir::data_error);
  BOOST_CHECK_THROW(ir::subsample(s.q, space({5}), picks, s.type), ir::data_error);
  BOOST_CHECK_THROW(ir::subsample(s.q, space({5}), {"i", {1}, field::real, {0.5}}, s.type),
                    ir::data_error);
  BOOST_CHECK_THROW(ir::ones_where_set({"m", {1}, field::real, {nan}}), ir::data_error);
}

BOOST_AUTO_TEST_SUITE_END()
