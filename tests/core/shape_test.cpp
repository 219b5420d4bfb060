#include "core/shape.hpp"

#include <boost/test/unit_test.hpp>

#include "core/error.hpp"

BOOST_AUTO_TEST_SUITE(shape)

BOOST_AUTO_TEST_CASE(counts_compares_and_prints) {
  const ir::shape n{4, 3, 2};

  BOOST_TEST(n.rank() == 3);
  BOOST_TEST(n.count() == 24);
  BOOST_TEST(to_string(n) == "4x3x2");
  BOOST_TEST((n == ir::shape{4, 3, 2}));
  BOOST_TEST((n != ir::shape{4, 3}));
}

BOOST_AUTO_TEST_CASE(rank_zero_is_a_scalar_of_one_element) {
  const ir::shape n;

  BOOST_TEST(n.count() == 1);
  BOOST_TEST(to_string(n) == "scalar");
}

BOOST_AUTO_TEST_CASE(refuses_negative_extents_too_many_axes_and_overflow) {
  constexpr ir::index_t large = ir::index_t{1} << 31;

  BOOST_CHECK_THROW(ir::shape({2, -1}), ir::usage_error);
  BOOST_CHECK_THROW(ir::shape({1, 1, 1, 1, 1, 1, 1, 1, 1}), ir::usage_error);
  BOOST_CHECK_THROW(ir::shape({large, large, 2}), ir::usage_error);
  BOOST_CHECK_THROW(ir::shape({0, large, large, 2}), ir::usage_error);
  BOOST_CHECK_NO_THROW(ir::shape({large, large}));
}

BOOST_AUTO_TEST_SUITE_END()
