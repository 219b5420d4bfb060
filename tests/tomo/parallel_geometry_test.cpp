#include "tomo/parallel_geometry.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/error.hpp"

namespace {

using ir::index_t;
constexpr double pi = std::numbers::pi;

std::vector<double> degrees(std::vector<double> a) {
  for (double& x : a) x *= pi / 180;
  return a;
}

double sum(const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

}  // namespace

BOOST_AUTO_TEST_SUITE(parallel_geometry)

BOOST_AUTO_TEST_CASE(even_views_over_half_a_turn_have_equal_weights) {
  for (const double w : ir::view_weights(ir::even_angles(7, 0, pi)))
    BOOST_CHECK_CLOSE(w, pi / 7, 1e-9);
}

BOOST_AUTO_TEST_CASE(even_views_over_a_full_turn_have_equal_weights) {
  for (const index_t n : {8, 9})
    for (const double w : ir::view_weights(ir::even_angles(n, 0, 2 * pi)))
      BOOST_CHECK_CLOSE(w, pi / static_cast<double>(n), 1e-9);
}

BOOST_AUTO_TEST_CASE(both_ends_of_a_half_turn_share_one_weight) {
  const auto w = ir::view_weights(degrees({0, 45, 90, 135, 180}));

  BOOST_CHECK_CLOSE(w[0], pi / 8, 1e-9);
  BOOST_CHECK_CLOSE(w[4], pi / 8, 1e-9);
  for (const std::size_t i : {1, 2, 3}) BOOST_CHECK_CLOSE(w[i], pi / 4, 1e-9);
}

BOOST_AUTO_TEST_CASE(uneven_views_in_any_order_weigh_half_their_gaps) {
  const auto w = ir::view_weights(degrees({90, 0, 30, -60}));  // modulo 180: 0, 30, 90, 120

  BOOST_CHECK_CLOSE(w[0], 45 * pi / 180, 1e-9);
  BOOST_CHECK_CLOSE(w[1], 45 * pi / 180, 1e-9);
  BOOST_CHECK_CLOSE(w[2], 45 * pi / 180, 1e-9);
  BOOST_CHECK_CLOSE(w[3], 45 * pi / 180, 1e-9);
  BOOST_CHECK_CLOSE(sum(w), pi, 1e-9);
}

BOOST_AUTO_TEST_CASE(a_missing_wedge_gives_its_border_no_weight) {
  const auto w = ir::view_weights(ir::even_angles(120, 0, pi * 2 / 3));

  for (const double each : w) BOOST_CHECK_CLOSE(each, pi / 180, 1e-9);
}

BOOST_AUTO_TEST_CASE(one_view_has_the_whole_half_turn) {
  BOOST_CHECK_CLOSE(ir::view_weights({0.3})[0], pi, 1e-9);
}

BOOST_AUTO_TEST_CASE(a_region_keeps_the_coordinates_of_the_whole) {
  const auto whole = ir::whole_slice({0}, 8, 3.5);
  const auto part = ir::region_of(whole, 2, 5, 3, 1);

  BOOST_TEST(part.y_first == -1.5);
  BOOST_TEST(part.x_first == 1.5);
  BOOST_TEST(part.ny == 3);
  BOOST_TEST(part.nx == 1);
}

BOOST_AUTO_TEST_CASE(wrong_geometry_is_refused) {
  const auto good = ir::whole_slice({0}, 8, 3.5);
  good.check();
  const auto refused = [&](auto change) {
    auto g = good;
    change(g);
    BOOST_CHECK_THROW(g.check(), ir::usage_error);
  };
  refused([](auto& g) { g.angles.clear(); });
  refused([](auto& g) { g.angles[0] = NAN; });
  refused([](auto& g) { g.detector = 0; });
  refused([](auto& g) { g.ny = 0; });
  refused([](auto& g) { g.pixel_size = 0; });
  refused([](auto& g) { g.spacing = -1; });
  refused([](auto& g) { g.x_first = INFINITY; });
  refused([](auto& g) { g.center = 8; });
  refused([](auto& g) { g.center = NAN; });
}

BOOST_AUTO_TEST_SUITE_END()
