#include "stage/statistics.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/parallel.hpp"
#include "support/frames.hpp"

using namespace ir;

BOOST_AUTO_TEST_SUITE(statistics_of_a_source)

BOOST_AUTO_TEST_CASE(values_by_hand) {
  queue q;  // 1 2 3 4 | 5 6 7 8
  test::made_frames from(test::header_of({2, 2}, 2),
                         [](index_t k, index_t i) { return float(4 * k + i + 1); });

  const statistics s = measure(from, q);

  BOOST_TEST(s.count == 8);
  BOOST_TEST(s.least == 1);
  BOOST_TEST(s.greatest == 8);
  BOOST_TEST(s.mean == 4.5);
  BOOST_TEST(s.deviation == std::sqrt(5.25), boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(nan_and_infinities_are_counted_and_left_out) {
  queue q;
  constexpr float inf = std::numeric_limits<float>::infinity();
  test::made_frames from(test::header_of({1, 4}, 1), [&](index_t, index_t i) {
    return i == 0 ? NAN : i == 1 ? -inf : float(i);
  });

  const statistics s = measure(from, q);

  BOOST_TEST(s.nan == 1);
  BOOST_TEST(s.infinite == 1);
  BOOST_TEST(s.count == 2);
  BOOST_TEST(s.mean == 2.5);
}

BOOST_AUTO_TEST_CASE(same_bits_for_any_number_of_threads) {
  std::vector<statistics> found;
  for (const int n : {1, 2, 5}) {
    set_threads(n);
    queue q;
    test::made_frames from(test::header_of({300, 701}, 2), [](index_t k, index_t i) {
      return 1e6f + std::sin(float(i)) / float(k + 1);
    });
    found.push_back(measure(from, q));
  }

  for (const statistics& s : found) {
    BOOST_TEST(s.mean == found[0].mean);
    BOOST_TEST(s.deviation == found[0].deviation);
  }
}

BOOST_AUTO_TEST_SUITE_END()
