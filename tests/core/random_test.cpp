#include "core/random.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/random_kernel.hpp"
#include "support/setup.hpp"

namespace {

using ir::random_place;
using ir::test::setup;

const auto each = boost::test_tools::per_element();

template <class F>
std::vector<double> made(setup& s, ir::index_t n, double start, const F& make) {
  ir::owned_vec v(s.q, ir::space({n}), s.type);
  ir::test::assign(s.q, std::vector<double>(static_cast<std::size_t>(n), start), v);
  make(s.q, ir::vec(v).block());
  return ir::test::values(s, v);
}

struct moments {
  double mean = 0, variance = 0, skewness = 0;
};
moments moments_of(const std::vector<double>& v) {
  moments m;
  const auto n = static_cast<double>(v.size());
  for (const double x : v) m.mean += x / n;
  for (const double x : v) m.variance += (x - m.mean) * (x - m.mean) / n;
  for (const double x : v) m.skewness += std::pow((x - m.mean) / std::sqrt(m.variance), 3) / n;
  return m;
}

/// Chi-square of Poisson numbers, cells of an expected count below 5 joined, in standard deviations
/// above its mean.
double poisson_chi_square(const std::vector<double>& v, double mean) {
  const auto n = static_cast<double>(v.size());
  std::vector<double> count(static_cast<std::size_t>(mean + 12 * std::sqrt(mean) + 20));
  for (const double x : v) count.at(static_cast<std::size_t>(x)) += 1;
  double chi = 0, cells = 0, seen = 0, expected = 0;
  for (std::size_t k = 0; k < count.size(); ++k) {
    const auto x = static_cast<double>(k);
    seen += count[k];
    expected += n * std::exp(x * std::log(mean) - mean - std::lgamma(x + 1));
    if (expected < 5) continue;
    chi += (seen - expected) * (seen - expected) / expected;
    cells += 1, seen = 0, expected = 0;
  }
  return (chi - (cells - 1)) / std::sqrt(2 * (cells - 1));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(random_numbers)

BOOST_AUTO_TEST_CASE(philox_gives_the_published_vectors) {
  // Known answers of the authors' Random123: counter, key, result.
  const auto zero = ir::kernel::philox({{0, 0, 0, 0}}, {{0, 0}});
  const auto ones = ir::kernel::philox({{~0U, ~0U, ~0U, ~0U}}, {{~0U, ~0U}});
  const auto pi = ir::kernel::philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
                                     {{0xa4093822, 0x299f31d0}});

  const std::vector<std::uint32_t> a{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  const std::vector<std::uint32_t> b{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
  const std::vector<std::uint32_t> c{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
  BOOST_TEST(std::vector(zero.w, zero.w + 4) == a, each);
  BOOST_TEST(std::vector(ones.w, ones.w + 4) == b, each);
  BOOST_TEST(std::vector(pi.w, pi.w + 4) == c, each);
}

BOOST_AUTO_TEST_CASE(a_part_gets_the_numbers_of_the_whole) {
  for (setup& s : ir::test::setups()) {
    const random_place whole{.seed = 9, .frame = 3, .first = 0};
    const random_place tail{.seed = 9, .frame = 3, .first = 700};

    const auto all =
        made(s, 1000, 5, [&](auto& q, ir::ref y) { ir::add_gaussian(q, whole, 2, y); });
    const auto some = made(s, 300, 5, [&](auto& q, ir::ref y) { ir::add_gaussian(q, tail, 2, y); });

    BOOST_TEST(some == std::vector(all.begin() + 700, all.end()), each);
  }
}

BOOST_AUTO_TEST_CASE(seeds_and_frames_give_other_numbers) {
  for (setup& s : ir::test::setups()) {
    const auto of = [&](std::uint64_t seed, ir::index_t frame) {
      return made(s, 4, 0, [&](auto& q, ir::ref y) {
        ir::random_uniform(q, {.seed = seed, .frame = frame}, y);
      });
    };

    BOOST_TEST((of(1, 0) == of(1, 0)));
    BOOST_TEST((of(1, 0) != of(2, 0)));
    BOOST_TEST((of(1, 0) != of(1, 1)));
    BOOST_TEST((of(1, 2) != of(2, 1)));
  }
}

BOOST_AUTO_TEST_CASE(uniform_numbers_fill_the_interval_evenly) {
  for (setup& s : ir::test::setups()) {
    const auto v =
        made(s, 100000, 0, [](auto& q, ir::ref y) { ir::random_uniform(q, {.seed = 4}, y); });

    std::vector<int> cells(20);
    for (const double x : v) ++cells[static_cast<std::size_t>(std::min(x * 20, 19.0))];
    double chi = 0;
    for (const int c : cells) chi += (c - 5000.0) * (c - 5000.0) / 5000;
    BOOST_TEST(chi < 43.8);  // 19 degrees of freedom: exceeded once in 1000 seeds; this is seed 4
  }
}

BOOST_AUTO_TEST_CASE(normal_numbers_have_the_moments_of_a_normal_law) {
  for (setup& s : ir::test::setups()) {
    const auto v =
        made(s, 400000, 10, [](auto& q, ir::ref y) { ir::add_gaussian(q, {.seed = 4}, 3, y); });

    const moments m = moments_of(v);
    const auto outside = std::ranges::count_if(v, [](double x) { return std::abs(x - 10) > 6; });

    BOOST_TEST(std::abs(m.mean - 10) < 4 * 3 / std::sqrt(4e5));
    BOOST_TEST(std::abs(m.variance - 9) < 4 * 9 * std::sqrt(2 / 4e5));
    BOOST_TEST(std::abs(m.skewness) < 4 * std::sqrt(6 / 4e5));
    BOOST_TEST(std::abs(static_cast<double>(outside) / 4e5 - 0.0455) < 4 * 0.21 / std::sqrt(4e5));
  }
}

BOOST_AUTO_TEST_CASE(poisson_numbers_follow_the_law_below_and_above_the_change_of_method) {
  for (setup& s : ir::test::setups())
    for (const double mean : {0.01, 0.7, 4.0, 9.99, 10.0, 10.01, 37.5, 900.0}) {
      const auto v =
          made(s, 100000, mean, [](auto& q, ir::ref y) { ir::make_poisson(q, {.seed = 6}, 1, y); });

      BOOST_TEST(poisson_chi_square(v, mean) < 4, "mean " << mean);
    }
}

BOOST_AUTO_TEST_CASE(poisson_numbers_of_huge_means_are_as_wide_as_they_should_be) {
  for (setup& s : ir::test::setups()) {
    if (s.type == ir::precision::f32) continue;  // 1e10 has no odd numbers there
    const auto v =
        made(s, 100000, 1e10, [](auto& q, ir::ref y) { ir::make_poisson(q, {.seed = 6}, 1, y); });

    const moments m = moments_of(v);

    BOOST_TEST(std::abs(m.mean - 1e10) < 4 * 1e5 / std::sqrt(1e5));
    BOOST_TEST(std::abs(m.variance / 1e10 - 1) < 4 * std::sqrt(2 / 1e5));
  }
}

BOOST_AUTO_TEST_CASE(gain_counts_in_units_a_photon) {
  for (setup& s : ir::test::setups()) {
    const auto v =
        made(s, 50000, 100, [](auto& q, ir::ref y) { ir::make_poisson(q, {.seed = 2}, 5, y); });

    const moments m = moments_of(v);

    for (const double x : v) BOOST_REQUIRE_EQUAL(std::fmod(x, 5), 0);
    BOOST_TEST(std::abs(m.mean - 100) < 4 * std::sqrt(500 / 5e4));
    BOOST_TEST(std::abs(m.variance - 500) < 4 * 500 * std::sqrt(2 / 5e4));
  }
}

BOOST_AUTO_TEST_CASE(poisson_of_nothing_is_zero_and_of_nan_is_nan) {
  for (setup& s : ir::test::setups()) {
    const auto poisson = [](auto& q, ir::ref y) { ir::make_poisson(q, {}, 1, y); };

    BOOST_TEST(made(s, 1, 0, poisson)[0] == 0);
    BOOST_TEST(made(s, 1, -3, poisson)[0] == 0);
    BOOST_TEST(std::isnan(made(s, 1, NAN, poisson)[0]));
  }
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const int before = ir::threads();
  for (setup& s : ir::test::setups()) {
    std::vector<std::vector<double>> results;
    for (const int n : {1, 3}) {
      ir::set_threads(n);
      results.push_back(
          made(s, 50000, 20, [](auto& q, ir::ref y) { ir::make_poisson(q, {}, 1, y); }));
    }
    BOOST_TEST((results[0] == results[1]));
  }
  ir::set_threads(before);
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_refused) {
  ir::queue q;
  ir::array integers(q, ir::dtype::u8, {4}), reals(q, ir::dtype::f32, {4});

  BOOST_CHECK_THROW(ir::random_uniform(q, {}, integers.get()), ir::usage_error);
  BOOST_CHECK_THROW(ir::add_gaussian(q, {}, -1, reals.get()), ir::usage_error);
  BOOST_CHECK_THROW(ir::make_poisson(q, {}, 0, reals.get()), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
