#include "tomo/opposite_views.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "tomo/parallel_geometry.hpp"

namespace {

constexpr double pi = std::numbers::pi;

std::vector<ir::opposite_views> pairs_of(std::vector<double> degrees) {
  for (double& a : degrees) a *= pi / 180;
  return ir::opposite_views_of(degrees);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(opposite_views)

BOOST_AUTO_TEST_CASE(both_ends_of_a_half_turn_are_opposite) {
  const auto pairs = pairs_of({0, 45, 90, 135, 180});

  const auto& first = pairs.at(0);
  BOOST_TEST(first.view == 0);
  BOOST_TEST(first.other == 4);
  BOOST_TEST(first.share == 0);
}

BOOST_AUTO_TEST_CASE(a_full_turn_pairs_each_view_of_its_first_half) {
  const auto pairs = ir::opposite_views_of(ir::even_angles(360, 0, 2 * pi));

  BOOST_TEST(pairs.size() == 180u);
  for (const auto& p : pairs) {
    BOOST_TEST(p.other == p.view + 180);
    BOOST_TEST(p.share == 0);
  }
}

BOOST_AUTO_TEST_CASE(views_between_two_are_interpolated) {
  const auto pairs = ir::opposite_views_of(ir::even_angles(5, 0, 2 * pi));  // 72 degrees apart

  BOOST_TEST(pairs.at(0).other == 2);
  BOOST_TEST(pairs.at(0).next == 3);
  BOOST_TEST(pairs.at(0).share == 0.5, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_half_turn_is_continued_by_one_step) {
  const auto pairs = pairs_of({0, 30, 60, 90, 120, 150});

  BOOST_TEST(pairs.size() == 2u);
  BOOST_TEST(pairs.at(0).view == 0);
  BOOST_TEST(pairs.at(0).other == 5);
  BOOST_TEST(pairs.at(0).next == 4);
  BOOST_TEST(pairs.at(0).share == -1, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(less_than_a_half_turn_has_no_opposites) {
  BOOST_TEST(pairs_of({0, 30, 60, 90, 120}).empty());
  BOOST_TEST(pairs_of({0}).empty());
  BOOST_TEST(pairs_of({}).empty());
}

BOOST_AUTO_TEST_CASE(backward_and_negative_angles_are_understood) {
  const auto pairs = pairs_of({0, -45, -90, -135, -180});

  BOOST_REQUIRE(!pairs.empty());
  BOOST_TEST(pairs.at(0).view == 0);
  BOOST_TEST(pairs.at(0).other == 4);
}

BOOST_AUTO_TEST_SUITE_END()
