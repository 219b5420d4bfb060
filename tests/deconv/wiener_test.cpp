#include "deconv/wiener.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>
#include <vector>

#include "core/error.hpp"
#include "support/setup.hpp"

namespace {

using ir::boundary;
using ir::index_t;
using ir::shape;

std::vector<double> filtered(ir::test::setup& s, const shape& n, const std::vector<double>& g,
                             const shape& m, const std::vector<double>& h, boundary rule,
                             double balance) {
  const auto filter = ir::wiener_filter(s.q, n, ir::cref(h.data(), ir::dtype::f64, m), rule,
                                        ir::psf_sum::one, balance, s.type);
  const ir::space in(n);
  const ir::owned_vec from = ir::test::vec_of(s, in, g);
  ir::owned_vec to(s.q, in, s.type);
  filter->apply(s.q, ir::cvec(from).block(), ir::vec(to).block());
  return ir::test::values(s, to);
}

std::vector<double> random_values(index_t n) {
  std::mt19937_64 bits(5);
  std::uniform_real_distribution<double> any(0, 1);
  std::vector<double> v;
  for (index_t i = 0; i < n; ++i) v.push_back(any(bits));
  return v;
}

// The formula with sums instead of FFTs, one-dimensional and circular.
std::vector<double> by_sums(const std::vector<double>& g, const std::vector<double>& h,
                            double balance) {
  using number = std::complex<double>;
  const auto n = static_cast<index_t>(g.size()), m = static_cast<index_t>(h.size());
  const auto wave = [n](index_t j) {
    return std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(j) / static_cast<double>(n));
  };
  double sum = 0;
  for (const double v : h) sum += v;
  std::vector<double> f(g.size(), 0.0);
  for (index_t k = 0; k < n; ++k) {
    number G = 0, H = 0;
    for (index_t j = 0; j < n; ++j) G += g[static_cast<std::size_t>(j)] * wave(j * k);
    for (index_t j = 0; j < m; ++j)
      H += h[static_cast<std::size_t>(j)] / sum * wave((j - m / 2) * k);
    const double L = std::norm(1.0 - wave(k));  // 2 - 2 cos
    const number F = std::conj(H) * G / (std::norm(H) + balance * L * L);
    for (index_t j = 0; j < n; ++j)
      f[static_cast<std::size_t>(j)] +=
          (F * std::conj(wave(j * k))).real() / static_cast<double>(n);
  }
  return f;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  BOOST_REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wiener)

BOOST_AUTO_TEST_CASE(follows_its_formula_at_odd_even_and_prime_lengths) {
  for (ir::test::setup& s : ir::test::setups())
    for (const index_t n : {16, 15, 22, 37}) {
      const std::vector<double> g = random_values(n), h{1, 3, 2, 1};

      const auto f = filtered(s, {n}, g, {4}, h, boundary::circular, 0.05);

      BOOST_TEST(largest_difference(f, by_sums(g, h, 0.05)) <= 200 * ir::test::epsilon(s.type));
    }
}

BOOST_AUTO_TEST_CASE(without_noise_and_balance_a_circular_blur_is_undone) {
  for (ir::test::setup& s : ir::test::setups()) {
    const std::vector<double> x = random_values(6 * 9), h{1, 4, 1};
    std::vector<double> g;
    for (std::size_t j = 0; j < 6; ++j)
      for (std::size_t i = 0; i < 9; ++i)
        g.push_back((x[j * 9 + (i + 8) % 9] + 4 * x[j * 9 + i] + x[j * 9 + (i + 1) % 9]) / 6);

    const auto f = filtered(s, {6, 9}, g, {1, 3}, h, boundary::circular, 0);

    BOOST_TEST(largest_difference(f, x) <= 100 * ir::test::epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(constant_data_stay_constant_with_edges_continued) {
  for (ir::test::setup& s : ir::test::setups()) {
    const std::vector<double> g(7 * 8, 5.0), h{1, 2, 1, 2, 4, 2, 1, 2, 1};

    const auto f = filtered(s, {7, 8}, g, {3, 3}, h, boundary::edge, 0.01);

    BOOST_TEST(largest_difference(f, g) <= 100 * ir::test::epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(engines_and_devices_agree) {
  for (ir::test::setup& s : ir::test::setups())
    for (const boundary rule : {boundary::circular, boundary::zero, boundary::edge}) {
      const shape n{5, 18, 20}, m{3, 3, 4};
      const std::vector<double> g = random_values(n.count()), h = random_values(m.count());
      const auto grid = ir::plan_convolution(n, m, rule, ir::grid_use::invert, s.q.where());
      const auto plain = ir::convolution::make(
          s.q, grid, s.type, ir::cref(h.data(), ir::dtype::f64, m), ir::psf_sum::one,
          {.wiener_balance = 0.1}, ir::convolution::engine::plain);
      const ir::space in(n);
      const ir::owned_vec from = ir::test::vec_of(s, in, g);
      ir::owned_vec to(s.q, in, s.type);
      plain->apply(s.q, ir::cvec(from).block(), ir::vec(to).block());

      ir::test::setup host("cpu", s.type, ir::device{});
      BOOST_TEST(largest_difference(filtered(host, n, g, m, h, rule, 0.1),
                                    ir::test::values(s, to)) <= 500 * ir::test::epsilon(s.type));
    }
}

BOOST_AUTO_TEST_CASE(a_negative_balance_is_a_usage_error) {
  ir::test::setup s("cpu", ir::precision::f64, ir::device{});

  BOOST_CHECK_THROW(filtered(s, {4}, {1, 2, 3, 4}, {1}, {1}, boundary::edge, -1), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
