#pragma once
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "op/linear_operator.hpp"
#include "support/setup.hpp"

namespace ir::test {

inline std::vector<double> applied(setup& s, const linear_operator& A,
                                   const std::vector<double>& v) {
  const auto x = vec_of(s, A.domain(), v);
  owned_vec y(s.q, A.range(), s.type);
  A.apply(s.q, x, y);
  return values(s, y);
}

/// Asserts that both have the same length and differ by no more than rounding, relative to the
/// largest value.
inline void check_close(setup& s, const std::vector<double>& found,
                        const std::vector<double>& expected, double roundings = 64) {
  BOOST_REQUIRE_EQUAL(found.size(), expected.size());
  double largest = 0;
  for (const double v : expected) largest = std::max(largest, std::abs(v));
  for (std::size_t i = 0; i < found.size(); ++i)
    BOOST_TEST(std::abs(found[i] - expected[i]) <= roundings * epsilon(s.type) * largest,
               "element " << i << ": " << found[i] << ", expected " << expected[i]);
}

/// Asserts A x = y, with numbers that a reader can check by hand.
inline void check_values(setup& s, const linear_operator& A, const std::vector<double>& x,
                         const std::vector<double>& y) {
  check_close(s, applied(s, A, x), y);
}

}  // namespace ir::test
