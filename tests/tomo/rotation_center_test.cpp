#include "tomo/rotation_center.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "support/centered_scan.hpp"

namespace {

using ir::index_t;
using ir::test::centered_scan;
constexpr double pi = std::numbers::pi;

void check_both(const centered_scan& s, double opposite, double slices) {
  const ir::rotation_center r = s.find();

  BOOST_TEST(r.agree);
  BOOST_TEST(std::abs(r.center - s.center) < 0.1);
  BOOST_REQUIRE(r.opposite.has_value());
  BOOST_REQUIRE(r.slices.has_value());
  BOOST_TEST(std::abs(r.opposite->center - s.center) < opposite);
  BOOST_TEST(std::abs(r.slices->center - s.center) < slices);
  BOOST_TEST(std::abs(r.center - s.center) < 3 * r.uncertainty);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rotation_center)

BOOST_AUTO_TEST_CASE(half_turns_off_centre_by_15_percent_are_found_to_a_tenth_of_a_pixel) {
  for (const double off : {-38.4, 0.0, 5.2, 38.4}) BOOST_TEST_CONTEXT("off by " << off)
  check_both(centered_scan{.center = 127.5 + off}.make(), 0.05, 0.1);
}

BOOST_AUTO_TEST_CASE(full_turns_are_found_to_a_tenth_of_a_pixel) {
  const auto s = centered_scan{.views = 400, .turn = 2 * pi, .center = 127.5 - 37.7}.make();

  check_both(s, 0.05, 0.1);

  BOOST_TEST(s.find().pairs == 200);
}

BOOST_AUTO_TEST_CASE(noise_of_five_percent_leaves_a_tenth_of_a_pixel) {
  check_both(centered_scan{.rows = 4, .center = 165.9, .noise = 0.05}.make(), 0.1, 0.1);
}

BOOST_AUTO_TEST_CASE(objects_beyond_the_detector_are_found_to_a_tenth_of_a_pixel) {
  check_both(centered_scan{.center = 157.8, .half_width = 220}.make(), 0.1, 0.4);
  check_both(centered_scan{.views = 400, .turn = 2 * pi, .center = 102.1, .half_width = 220}.make(),
             0.05, 0.2);
}

BOOST_AUTO_TEST_CASE(an_axis_near_the_end_of_the_detector_is_found_from_a_full_turn) {
  const auto s =
      centered_scan{.views = 400, .turn = 2 * pi, .center = 47.2, .half_width = 180}.make();

  const ir::rotation_center r = s.find();

  BOOST_TEST(std::abs(r.center - s.center) < 0.1);
}

BOOST_AUTO_TEST_CASE(a_scan_without_opposite_views_says_so_and_is_found_from_slices) {
  centered_scan s{.center = 157.8};
  s.angles = ir::even_angles(300, 0, pi);
  s.angles.resize(296);  // the last view lies more than one and a half steps before the half turn
  s.make();

  const ir::rotation_center r = s.find();

  BOOST_TEST(r.pairs == 0);
  BOOST_TEST(!r.opposite);
  BOOST_TEST(r.agree);
  BOOST_TEST(std::abs(r.center - s.center) < 0.1);
}

BOOST_AUTO_TEST_CASE(slices_alone_find_the_centre_in_noise_of_five_percent) {
  const auto s = centered_scan{.center = 132.7, .half_width = 100, .noise = 0.05}.make();

  const ir::rotation_center r = s.find({.range = {}, .opposite = false, .slices = true});

  BOOST_TEST(r.agree);
  BOOST_TEST(std::abs(r.center - s.center) < 0.1);
}

BOOST_AUTO_TEST_CASE(the_order_of_views_does_not_matter) {
  centered_scan s{.center = 120.3}, shuffled{.center = 120.3};
  s.make();
  shuffled.angles = ir::even_angles(300, 0, pi);
  std::shuffle(shuffled.angles.begin(), shuffled.angles.end(), std::mt19937_64(3));
  shuffled.make();

  BOOST_TEST(shuffled.find().opposite->center == s.find().opposite->center,
             boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(one_method_alone_is_used_where_it_is_asked_for) {
  const auto s = centered_scan{.center = 140.1}.make();

  const auto opposite = s.find({.range = {}, .opposite = true, .slices = false});
  const auto slices = s.find({.range = {}, .opposite = false, .slices = true});

  BOOST_TEST(!opposite.slices);
  BOOST_TEST(std::abs(opposite.center - opposite.opposite->center) <= 0.00051);
  BOOST_TEST(!slices.opposite);
  BOOST_TEST(std::abs(slices.center - s.center) < 0.1);
}

BOOST_AUTO_TEST_CASE(sinograms_that_contradict_themselves_do_not_agree) {
  centered_scan s{.center = 140.1};
  s.make();
  // The detector moved by 6 pixels after the first two views.
  for (index_t row = 0; row < s.rows; ++row)
    for (index_t view = 0; view < 2; ++view) {
      float* line = s.values.data() + (row * s.views + view) * s.detector;
      std::move_backward(line, line + s.detector - 6, line + s.detector);
    }

  BOOST_TEST(!s.find().agree);
}

BOOST_AUTO_TEST_CASE(a_centre_outside_the_range_is_not_found) {
  const auto s = centered_scan{.center = 157.8}.make();

  bool found = false;
  try {
    const auto r = s.find({.range = {{70, 120}}});
    found = r.agree;
  } catch (const ir::data_error&) {
  }

  BOOST_TEST(!found);
}

BOOST_AUTO_TEST_CASE(threads_change_no_bit) {
  const auto s = centered_scan{.rows = 3, .views = 120, .turn = 2 * pi, .center = 140.1}.make();
  const int before = ir::threads();
  ir::set_threads(1);
  const auto one = s.find();
  ir::set_threads(2);
  const auto two = s.find();
  ir::set_threads(before);

  BOOST_TEST(one.center == two.center);
  BOOST_TEST(one.uncertainty == two.uncertainty);
  BOOST_TEST(one.slices->center == two.slices->center);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_used_is_refused) {
  auto s = centered_scan{.rows = 1, .views = 20}.make();
  ir::queue q;
  const std::vector<double> fewer(19);

  BOOST_CHECK_THROW(ir::find_rotation_center(q, s.sinograms(), fewer), ir::shape_error);
  BOOST_CHECK_THROW(s.find({.range = {{-1, 20}}}), ir::usage_error);
  BOOST_CHECK_THROW(s.find({.range = {{30, 20}}}), ir::usage_error);
  BOOST_CHECK_THROW(s.find({.range = {{30, 256}}}), ir::usage_error);
  s.values[7] = std::numeric_limits<float>::quiet_NaN();
  BOOST_CHECK_THROW(s.find(), ir::data_error);
  std::fill(s.values.begin(), s.values.end(), 1.0f);
  BOOST_CHECK_THROW(s.find(), ir::data_error);
  const auto narrow = centered_scan{.rows = 1, .views = 20, .detector = 31, .center = 15}.make();
  BOOST_CHECK_THROW(narrow.find(), ir::data_error);
}

BOOST_AUTO_TEST_CASE(rows_are_evenly_spaced_in_the_middle) {
  const auto check = [](index_t rows, index_t begin, index_t count, index_t step) {
    const ir::row_choice c = ir::center_rows(rows);
    BOOST_TEST(c.begin == begin);
    BOOST_TEST(c.count == count);
    BOOST_TEST(c.step == step);
  };

  check(1, 0, 1, 1);
  check(2, 0, 2, 1);
  check(8, 0, 8, 1);
  check(9, 0, 8, 1);
  check(135, 11, 8, 16);
}

BOOST_AUTO_TEST_SUITE_END()
