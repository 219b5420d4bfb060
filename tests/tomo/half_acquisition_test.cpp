#include "tomo/half_acquisition.hpp"

#include <boost/test/unit_test.hpp>
#include <numbers>

#include "core/error.hpp"
#include "support/reconstruction.hpp"

namespace {

using namespace ir::test;
using ir::half_acquisition;
using ir::index_t;
constexpr double pi = std::numbers::pi;

std::vector<double> turn(index_t views) { return ir::even_angles(views, 0, 2 * pi); }

}  // namespace

BOOST_AUTO_TEST_SUITE(half_acquisition_rows)

BOOST_AUTO_TEST_CASE(a_full_turn_has_no_gap) {
  BOOST_TEST(ir::is_full_turn(turn(40)));
  BOOST_TEST(ir::is_full_turn(ir::even_angles(41, 0.3, 0.3 - 2 * pi)));
  BOOST_TEST(!ir::is_full_turn(ir::even_angles(40, 0, pi)));
  BOOST_TEST(!ir::is_full_turn(ir::even_angles(40, 0, 1.8 * pi)));
  BOOST_TEST(!ir::is_full_turn({0}));
}

BOOST_AUTO_TEST_CASE(weights_of_opposite_pixels_add_to_two) {
  const auto h = half_acquisition::of(turn(40), 33, 10);  // ends 10.5 and 22.5 from the axis

  BOOST_REQUIRE(h.has_value());
  BOOST_TEST((h->before == 12 && h->after == 0 && h->width() == 45));
  for (std::size_t s = 0; s <= 10; ++s)
    BOOST_TEST(h->weights[10 - s] + h->weights[10 + s] == 2, boost::test_tools::tolerance(1e-14));
  BOOST_TEST((h->weights[10] == 1 && h->weights[15] == 1 && h->weights[21] == 2));
  BOOST_TEST(h->weights[0] < 0.03);
  const auto mirrored = half_acquisition::of(turn(40), 33, 22);
  BOOST_TEST((mirrored->before == 0 && mirrored->after == 12));
  BOOST_TEST(mirrored->weights[0] == 2);
}

BOOST_AUTO_TEST_CASE(rows_that_need_no_completion_are_left_alone) {
  BOOST_TEST(!half_acquisition::of(turn(40), 33, 16.4).has_value());
  BOOST_TEST(!half_acquisition::of(ir::even_angles(40, 0, pi), 33, 10).has_value());
}

BOOST_AUTO_TEST_CASE(a_row_is_weighted_and_lies_between_zeros) {
  half_acquisition h;
  h.before = 2;
  h.after = 1;
  h.weights = {0.5, 1, 2};
  const std::vector<double> from{1, 2, 3, 4, 5, 6};
  for (setup& s : setups()) {
    ir::array rows(s.q, ir::real_type(s.type), {2, 3}), wide(s.q, ir::real_type(s.type), {2, 6});
    ir::copy(s.q, ir::cref(from.data(), ir::dtype::f64, {2, 3}), rows.get());

    h.complete(s.q, rows.get(), wide.get());

    std::vector<double> out(12);
    ir::copy(s.q, wide.get(), ir::ref(out.data(), ir::dtype::f64, {2, 6}));
    s.q.synchronize();
    const std::vector<double> expected{0, 0, 0.5, 2, 6, 0, 0, 0, 2, 5, 12, 0};
    BOOST_TEST(out == expected, boost::test_tools::per_element());
    BOOST_CHECK_THROW(h.complete(s.q, rows.get(), rows.get()), ir::shape_error);
  }
}

BOOST_AUTO_TEST_CASE(half_a_detector_sees_the_whole_object_in_a_full_turn) {
  // A disc of 1 with a hole, 56 pixels wide, on a detector that reaches from -8.75 to 30.25.
  const std::vector<ir::ellipse> object{{1, 28, 28, 0, 0, 0}, {-0.5, 5, 7, 14, -9, 0.4}};
  auto g = ir::whole_slice(turn(300), 40, 9.25);
  g.ny = g.nx = 61;
  g.y_first = g.x_first = -30;
  std::vector<double> truth(61 * 61);
  ir::draw(object, g, 8, truth);
  for (setup& s : setups()) {
    const auto h = half_acquisition::of(g.angles, g.detector, g.center);
    const std::vector<double> rows = sinogram_of(object, g);
    const index_t wide = h->width();
    std::vector<double> completed(static_cast<std::size_t>(300 * wide), 0.0);
    for (index_t a = 0; a < 300; ++a)
      for (index_t u = 0; u < 40; ++u)
        completed[static_cast<std::size_t>(a * wide + h->before + u)] =
            rows[static_cast<std::size_t>(a * 40 + u)] * h->weights[static_cast<std::size_t>(u)];
    auto whole = g;
    whole.detector = wide;
    whole.center += static_cast<double>(h->before);

    const std::vector<double> slice = reconstruct(s, whole, {}, completed);

    double disc = 0, hole = 0, discs = 0, holes = 0;
    for (index_t j = 0; j < 61; ++j)
      for (index_t i = 0; i < 61; ++i) {
        const double y = static_cast<double>(j) - 30, x = static_cast<double>(i) - 30;
        const double value = slice[static_cast<std::size_t>(j * 61 + i)];
        const double off = std::hypot(x - 14, y + 9);
        if (std::hypot(x, y) < 25 && off > 10) disc += value, ++discs;
        if (off < 3) hole += value, ++holes;
      }
    BOOST_TEST(std::abs(disc / discs - 1) < 2e-3);
    BOOST_TEST(std::abs(hole / holes - 0.5) < 5e-3);
    // As good as a detector that is as wide as the completed rows.
    const std::vector<double> seen = reconstruct(s, whole, {}, sinogram_of(object, whole));
    BOOST_TEST(rms_difference(slice, seen) < 0.02);
    BOOST_TEST(rms_difference(slice, truth) < 1.1 * rms_difference(seen, truth));
  }
}

BOOST_AUTO_TEST_SUITE_END()
