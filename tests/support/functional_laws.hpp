#pragma once
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "fn/functional.hpp"
#include "support/setup.hpp"

namespace ir::test {

/// a x + b y as a new element.
inline owned_vec mix(setup& s, double a, cvec x, double b, cvec y) {
  owned_vec z(s.q, x.in(), s.type);
  copy(s.q, y, z);
  axpby(s.q, a, x, b, z);
  return z;
}

/// The prox is the minimiser: phi(z) = f(z) + |z - x|_T^2 / 2 is strongly convex, so that
/// phi(p + d) >= phi(p) + |d|_T^2 / 2 for every d, which holds at the minimiser alone.
inline void check_prox_is_minimal(setup& s, const functional& f, cvec x, const step& t,
                                  std::uint64_t seed) {
  const inner_product product;
  owned_vec p(s.q, f.domain(), s.type);
  f.prox(s.q, x, t, p);
  const auto distance = [&](cvec z) {  // |z - x|^2 in the metric of the step
    const auto a = values(s, z), b = values(s, x);
    const auto d = t.diagonal ? values(s, *t.diagonal) : std::vector<double>(a.size(), 1);
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      sum += (a[i] - b[i]) * (a[i] - b[i]) / (t.value * d[i]);
    return sum;
  };
  const auto phi = [&](cvec z) { return f.value(s.q, z) + distance(z) / 2; };
  const double least = phi(p);
  BOOST_TEST(std::isfinite(least));
  for (int k = 0; k < 12; ++k) {
    const double size = std::pow(10.0, -(k % 4));
    const owned_vec d = random_vec(s, f.domain(), seed + 10 + static_cast<std::uint64_t>(k));
    const owned_vec z = mix(s, size, d, 1, p);
    owned_vec shift = mix(s, 1, x, size, d);  // x + size d: |shift - x|^2 is that of size d
    const double slack = 200 * epsilon(s.type) * (1 + std::abs(least) + distance(z));
    BOOST_TEST(phi(z) >= least + distance(shift) / 2 - slack,
               "phi at a distance " << size << ": " << phi(z) << ", at the prox " << least);
  }
}

/// x = prox_{t f}(x) + t prox_{f*/t}(x / t), with p = prox_{t f}(x) at a place that has both.
inline void check_moreau(setup& s, const functional& f, cvec x, double t) {
  const inner_product product;
  owned_vec p(s.q, f.domain(), s.type), d(s.q, f.domain(), s.type);
  f.prox(s.q, x, {t}, p);
  axpby(s.q, 1 / t, x, 0, d);
  f.prox_conjugate(s.q, d, {1 / t}, d);  // in place
  owned_vec rest = mix(s, 1, p, t, d);
  axpby(s.q, -1, x, 1, rest);
  BOOST_TEST(product.norm(s.q, rest) <= 64 * epsilon(s.type) * (1 + product.norm(s.q, x)));

  // f(p) + f*(y) = <p, y> for y = (x - p) / t in the subdifferential of f at p
  if (!f.can().conjugate) return;
  const double at = product.dot(s.q, p, d), sum = f.value(s.q, p) + f.conjugate(s.q, d);
  BOOST_TEST(std::abs(sum - at) <=
             2000 * epsilon(s.type) * (1 + std::abs(f.value(s.q, p)) + std::abs(at)));
}

inline void check_gradient(setup& s, const functional& f, cvec x, std::uint64_t seed) {
  const inner_product product;
  owned_vec g(s.q, f.domain(), s.type), other(s.q, f.domain(), s.type);
  f.gradient(s.q, x, g);
  const owned_vec d = random_vec(s, f.domain(), seed + 50);
  const owned_vec y = mix(s, 0.01, d, 1, x);
  f.gradient(s.q, y, other);
  const owned_vec change = mix(s, 1, other, -1, g);
  const double moved = 0.01 * product.norm(s.q, d);
  if (f.can().lipschitz)
    BOOST_TEST(product.norm(s.q, change) <=
               f.can().lipschitz->upper * moved * (1 + 1e-3) + 64 * epsilon(s.type));
  if (s.type == precision::f32) return;  // differences of values: f64 alone
  const double h = 1e-5;
  const double slope =
      (f.value(s.q, mix(s, h, d, 1, x)) - f.value(s.q, mix(s, -h, d, 1, x))) / (2 * h);
  const double told = product.dot(s.q, g, d);
  BOOST_TEST(std::abs(slope - told) <= 1e-5 * (1 + std::abs(told)));
  // f(y) >= f(x) + <g, y - x> + strong/2 |y - x|^2
  BOOST_TEST(f.value(s.q, y) >=
             f.value(s.q, x) + 0.01 * told + f.can().strong / 2 * moved * moved - 1e-10);
}

/// Everything that a functional promises by its abilities, at x, where it must be finite if it has
/// a gradient.
inline void check_functional_laws(setup& s, const functional& f, cvec x, std::uint64_t seed = 3) {
  if (f.can().gradient) check_gradient(s, f, x, seed);
  if (f.can().prox == offer::none) return;
  for (const double t : {0.05, 1.0, 7.0}) BOOST_TEST_CONTEXT("step " << t) {
      check_prox_is_minimal(s, f, x, {t}, seed);
      check_moreau(s, f, x, t);
    }
  owned_vec p(s.q, f.domain(), s.type), same = mix(s, 0, x, 1, x);
  f.prox(s.q, x, {0.3}, p);
  f.prox(s.q, same, {0.3}, same);
  BOOST_TEST(values(s, p) == values(s, same), boost::test_tools::per_element());

  std::vector<double> steps = values(s, random_vec(s, f.domain(), seed + 1));
  for (double& t : steps) t = 1 + t / 2;
  const std::vector<double> ones(steps.size(), 1.0);
  owned_vec each = vec_of(s, f.domain(), steps);
  if (f.can().diagonal_step) {
    check_prox_is_minimal(s, f, x, {0.7, cvec(each)}, seed);
    owned_vec a(s.q, f.domain(), s.type), b(s.q, f.domain(), s.type);
    assign(s.q, ones, each);
    f.prox_conjugate(s.q, x, {0.6, cvec(each)}, a);
    f.prox_conjugate(s.q, x, {0.6}, b);
    axpby(s.q, -1, a, 1, b);
    BOOST_TEST(inner_product().norm(s.q, b) <=
               64 * epsilon(s.type) * (1 + inner_product().norm(s.q, x)));
  } else {
    BOOST_CHECK_THROW(f.prox(s.q, x, {0.7, cvec(each)}, p), usage_error);
  }
  BOOST_CHECK_THROW(f.prox(s.q, x, {0.0}, p), usage_error);
  BOOST_CHECK_THROW(f.prox(s.q, x, {std::numeric_limits<double>::infinity()}, p), usage_error);
  owned_vec wrong(s.q, f.domain() | f.domain(), s.type);
  BOOST_CHECK_THROW((void)f.value(s.q, wrong), shape_error);
  BOOST_CHECK_THROW(f.prox(s.q, wrong, {1.0}, p), shape_error);
}

}  // namespace ir::test
