#include "tomo/grouped_curve.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

namespace {

// Two parabolas with vertices at a and b, at places 10 + k / 2.
ir::grouped_curve two(double a, double b) {
  ir::grouped_curve c{10, 0.5, 9, {}};
  for (const double vertex : {a, b})
    for (int k = 0; k < 9; ++k) c.cost.push_back(std::pow(10 + 0.5 * k - vertex, 2));
  return c;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(grouped_curve)

BOOST_AUTO_TEST_CASE(the_vertex_of_a_parabola_is_exact) {
  const auto found = two(12.1, 12.1).minimum();

  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->at == 12.1, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(found->error < 1e-9);
}

BOOST_AUTO_TEST_CASE(the_error_of_two_groups_is_half_their_distance) {
  const auto found = two(12.0, 12.3).minimum();

  // Of two values the standard error of the mean is |a - b| / 2.
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->at == 12.15, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(found->error == 0.15, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_minimum_at_the_end_is_none) {
  BOOST_TEST(!two(9, 9).minimum().has_value());
  BOOST_TEST(!two(15, 15).minimum().has_value());
}

BOOST_AUTO_TEST_CASE(one_group_has_no_error) {
  auto c = two(12.1, 12.1);
  c.cost.resize(9);

  BOOST_TEST(std::isinf(c.minimum()->error));
}

BOOST_AUTO_TEST_SUITE_END()
