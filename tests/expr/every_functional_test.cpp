// Every functional of the registry, told as an expression, and the fidelities that have none,
// against definitions in long double: a functional that registers itself without a row here fails.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <numbers>
#include <set>

#include "expr/evaluate.hpp"
#include "fn/combine.hpp"
#include "fn/poisson.hpp"
#include "support/functional_laws.hpp"
#include "support/named_arrays.hpp"

namespace ir::expr {
namespace {

using test::setup;
using real = long double;
using reals = std::vector<real>;
constexpr real infinite = std::numeric_limits<real>::infinity();

/// A convex function of one number: its values where they are finite, and any of its slopes;
/// infinite ones beyond the ends of where it is finite.
struct definition {
  std::function<real(std::size_t i, real z)> value, slope;
};

/// Where an increasing function crosses 0, by bisection to the last bit.
template <class F>
real crossing(const F& f, real low, real high) {
  for (int k = 0; k < 200; ++k) {
    const real middle = (low + high) / 2;
    (f(middle) > 0 ? high : low) = middle;
  }
  return (low + high) / 2;
}
/// argmin_z f(z) + (z - x)^2 / (2 tau): 0 is in z - x + tau f'(z).
real prox_of(const definition& f, std::size_t i, real x, real tau) {
  return crossing([&](real z) { return z - x + tau * f.slope(i, z); }, -1e4L, 1e4L);
}
/// sup_z y z - f(z), where y is in f'(z); far away: nowhere.
real conjugate_of(const definition& f, std::size_t i, real y) {
  constexpr real far = 1e6L;
  const real z = crossing([&](real t) { return f.slope(i, t) - y; }, -far, far);
  return std::abs(z) > far / 2 ? infinite : y * z - f.value(i, z);
}

/// What of an element a function of one number is applied to: each real, or the norm of a group.
enum class over : std::uint8_t { each, points, all };

const space signal({5}), pixel({1}), vectors({2, 3, 2}, field::real, 2);
const space waves = space({3}, field::complex) | space({2, 2}, field::complex, 1);

/// The group of each real, in the order of test::values.
std::vector<std::size_t> groups_of(const space& in, over what) {
  std::vector<std::size_t> all;
  std::size_t first = 0;
  for (const space::block& b : in.blocks()) {
    const std::size_t parts = b.of == field::complex ? 2 : 1;
    std::size_t points = 1;
    for (int a = b.extents.rank() - b.spatial; a < b.extents.rank(); ++a)
      points *= static_cast<std::size_t>(b.extents[a]);
    for (std::size_t i = 0; i < static_cast<std::size_t>(b.extents.count()) * parts; ++i)
      all.push_back(what == over::each  ? all.size()
                    : what == over::all ? 0
                                        : first + i / parts % points);
    first += points;
  }
  return all;
}

struct row {
  std::string text;
  std::vector<space> domains;
  over what;
  definition f;
};

definition box_of(real low, real high) {
  return {[](std::size_t, real) { return real(0); },
          [=](std::size_t, real z) { return z < low    ? -infinite
                                            : z > high ? infinite
                                                       : real(0); }};
}
definition norm_of(real w) {
  return {[=](std::size_t, real z) { return w * std::abs(z); },
          [=](std::size_t, real z) { return z < 0 ? -w : w; }};
}
definition square_of(real w) {
  return {[=](std::size_t, real z) { return w * z * z / 2; },
          [=](std::size_t, real z) { return w * z; }};
}
definition huber_of(real w, real d) {
  return {[=](std::size_t, real z) {
            return w * (std::abs(z) <= d ? z * z / (2 * d) : std::abs(z) - d / 2);
          },
          [=](std::size_t, real z) { return w * std::clamp(z / d, real(-1), real(1)); }};
}

// |z - w[i]| for the weights @w.
definition distance_from_w() {
  static constexpr real w[] = {2, -4, 1, 0.5L};
  return {[](std::size_t i, real z) { return std::abs(z - w[i % 4]); },
          [](std::size_t i, real z) { return z < w[i % 4] ? real(-1) : real(1); }};
}

const row table[] = {
    {"2 * l1", {signal, pixel, vectors, signal | vectors}, over::each, norm_of(2)},
    {"0.5 * l2", {signal, pixel, signal | vectors}, over::all, norm_of(0.5L)},
    {"3 * square", {signal, pixel, waves}, over::each, square_of(3)},
    {"0.75 * huber(0.25)", {signal, pixel, vectors}, over::each, huber_of(0.75L, 0.25L)},
    {"box(-0.25, 0.5)", {signal, pixel, vectors}, over::each, box_of(-0.25L, 0.5L)},
    {"nonneg", {signal, pixel, vectors}, over::each, box_of(0, infinite)},
    {"ball(0.75)", {signal, pixel, signal | vectors}, over::all, box_of(-0.75L, 0.75L)},
    {"ball(0.25, linf)", {signal, pixel, vectors}, over::each, box_of(-0.25L, 0.25L)},
    {"0.5 * l21", {vectors, waves, pixel, signal}, over::points, norm_of(0.5L)},
    {"0.75 * envelope(l1, 0.25)", {signal, pixel, vectors}, over::each, huber_of(0.75L, 0.25L)},
    {"envelope(2 * l21, 0.5)", {vectors, waves, pixel}, over::points, huber_of(2, 1)},
    {"envelope(square, 1)", {signal, waves}, over::each, square_of(0.5L)},
    {"2 * shift(0.5 * l1, @w)", {space({4}), space({2, 4}, {}, 1)}, over::each, distance_from_w()},
};
// Those that are no functions of single numbers or norms have tests of their own below.
const char* const others[] = {"ball(1, l1)", "nuclear", "tv", "tv_anisotropic"};

fn_ptr built(setup& s, const std::string& text, const space& in) {
  const std::vector<term_spec> all = read_functional(text, test::named_array);
  BOOST_REQUIRE(all.size() == 1u && !all[0].A);
  return scaled(all[0].weight, all[0].f->build(in, s.type, s.q));
}

void check_close(setup& s, real found, real expected, real size, const char* what) {
  if (std::isinf(expected))
    BOOST_TEST(std::isinf(found), what << ": " << found << ", expected infinity");
  else
    BOOST_TEST(std::abs(found - expected) <= 64 * test::epsilon(s.type) * (1 + std::abs(size)),
               what << ": " << found << ", expected " << expected);
}

/// Everything about f at x against its definition, group by group.
void check_by_definition(setup& s, const functional& f, const definition& d, over what,
                         const std::vector<double>& x) {
  const std::vector<std::size_t> group = groups_of(f.domain(), what);
  const auto sizes_of = [&](const std::vector<double>& v) {  // signed where each is a group
    reals all(1 + *std::ranges::max_element(group));
    for (std::size_t i = 0; i < v.size(); ++i)
      all[group[i]] = what == over::each ? v[i] : std::hypot(all[group[i]], real(v[i]));
    return all;
  };
  const auto sum = [&](const auto& term, const reals& sizes) {
    real total = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) total += term(i, sizes[i]);
    return total;
  };
  const owned_vec at = test::vec_of(s, f.domain(), x);
  const reals size = sizes_of(x);
  owned_vec out(s.q, f.domain(), s.type);
  const auto check_elements = [&](const auto& expected_size, const char* name) {
    const std::vector<double> found = test::values(s, out);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const real n = size[group[i]], wanted = expected_size(group[i]);
      check_close(s, found[i], n == 0 ? wanted : wanted * x[i] / n, 8 * n, name);
    }
  };

  const bool inside =
      sum([&](std::size_t i, real z) { return std::abs(d.slope(i, z)); }, size) < infinite;
  const real value = inside ? sum(d.value, size) : infinite;
  check_close(s, f.value(s.q, at), value, 8 * value, "value");
  if (f.can().gradient && inside) {
    f.gradient(s.q, at, out);
    check_elements([&](std::size_t g) { return d.slope(g, size[g]); }, "gradient");
  }
  for (const double tau : {0.0625, 1.0, 8.0}) BOOST_TEST_CONTEXT("step " << tau) {
      f.prox(s.q, at, {tau}, out);
      check_elements([&](std::size_t g) { return prox_of(d, g, size[g], tau); }, "prox");
      f.prox_conjugate(s.q, at, {tau}, out);
      const auto dual = [&](std::size_t g) {
        return size[g] - tau * prox_of(d, g, size[g] / tau, 1 / tau);
      };
      check_elements(dual, "prox of the conjugate");
    }
  for (const double far : {0.125, 100.0}) {
    std::vector<double> y = x;
    for (double& v : y) v *= far;
    const real expected =
        sum([&](std::size_t i, real z) { return conjugate_of(d, i, z); }, sizes_of(y));
    const owned_vec dual = test::vec_of(s, f.domain(), y);
    check_close(s, f.conjugate(s.q, dual), expected, 64 * expected, "conjugate");
  }
}

/// Multiples of 1/64 in [-1, 1], which both precisions hold; the first one is 0 where there are
/// more.
std::vector<double> some_values(const space& in, double least = -64) {
  std::vector<double> v(test::reals_of(in));
  std::mt19937 bits(7);
  for (double& x : v) x = (least + static_cast<double>(bits() % unsigned(65 - least))) / 64;
  if (v.size() > 1) v[0] = 0;
  return v;
}

BOOST_AUTO_TEST_SUITE(every_functional)

BOOST_AUTO_TEST_CASE(each_registered_functional_has_a_row_or_a_test) {
  std::set<std::string> known(std::begin(others), std::end(others));
  for (const row& r : table) {
    const std::size_t begin = r.text.find("* ");
    const std::string call =
        r.text.substr(begin < r.text.find('(') ? begin + 2 : 0);  // without the weight
    known.insert(call.substr(0, call.find('(')));
  }

  for (const fn_entry& e : registered<fn_entry>::all())
    BOOST_TEST(known.contains(e.name), e.name << " has no row in `table`");
}

BOOST_AUTO_TEST_CASE(value_gradient_prox_and_conjugate_are_those_of_the_definition) {
  for (setup& s : test::setups())
    for (const row& r : table)
      for (const space& in : r.domains) BOOST_TEST_CONTEXT(s.name << ' ' << r.text << ' ' << in) {
          const fn_ptr f = built(s, r.text, in);
          std::vector<double> x = some_values(in);
          check_by_definition(s, *f, r.f, r.what, x);
          for (double& v : x) v /= 16;  // within every ball and box but that of signs
          check_by_definition(s, *f, r.f, r.what, x);
          for (double& v : x) v = 1024 * std::abs(v);
          check_by_definition(s, *f, r.f, r.what, x);
        }
}

BOOST_AUTO_TEST_CASE(laws_hold_for_functionals_of_the_language) {
  for (setup& s : test::setups())
    for (const row& r : table)
      for (const space& in : r.domains) BOOST_TEST_CONTEXT(s.name << ' ' << r.text << ' ' << in) {
          const owned_vec x = test::random_vec(s, in, 3);
          test::check_functional_laws(s, *built(s, r.text, in), x);
        }
}

BOOST_AUTO_TEST_CASE(poisson_is_that_of_the_definition) {
  const std::vector<double> counts{0, 1, 0.5, 40, 3}, under{0, 0.25, 0, 2, 1};
  for (setup& s : test::setups())
    for (const bool background : {false, true}) BOOST_TEST_CONTEXT(s.name << ' ' << background) {
        constexpr real w = 1.5L;
        const auto b = [&](std::size_t i) { return background ? real(under[i]) : 0; };
        const definition d{[&](std::size_t i, real x) {
                             const real n = counts[i], z = x + b(i);
                             return w * (z - n + (n > 0 ? n * std::log(n / z) : 0));
                           },
                           [&](std::size_t i, real x) {
                             const real z = x + b(i);
                             return z < 0 || (z == 0 && counts[i] > 0) ? -infinite
                                    : counts[i] == 0                   ? w
                                                                       : w * (1 - counts[i] / z);
                           }};
        const auto y = test::vec_of(s, signal, counts), map = test::vec_of(s, signal, under);
        const auto f = background ? std::make_shared<poisson>(s.q, y, map, 1.5)
                                  : std::make_shared<poisson>(s.q, y, 0, 1.5);

        check_by_definition(s, *f, d, over::each, {0.5, 0.25, 2, 30, 64});
        check_by_definition(s, *f, d, over::each, {0.5, -0.5, 2, 30, 64});  // infinite
      }
}

// sum max(|x_i| - t, 0) = radius, by bisection
BOOST_AUTO_TEST_CASE(the_l1_ball_is_that_of_the_definition) {
  for (setup& s : test::setups())
    for (const space& in : {signal, pixel, signal | vectors}) {
      const fn_ptr f = built(s, "ball(0.75, l1)", in);
      const std::vector<double> x = some_values(in);
      const owned_vec at = test::vec_of(s, in, x);
      owned_vec out(s.q, in, s.type);
      const real t = std::max<real>(0, crossing(
                                           [&](real level) {
                                             real sum = 0;
                                             for (const double v : x)
                                               sum += std::max<real>(std::abs(v) - level, 0);
                                             return 0.75L - sum;
                                           },
                                           -100, 100));

      f->prox(s.q, at, {3}, out);

      const std::vector<double> found = test::values(s, out);
      real largest = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        largest = std::max<real>(largest, std::abs(x[i]));
        const real size = std::max<real>(std::abs(x[i]) - t, 0);
        check_close(s, found[i], std::copysign(size, real(x[i])), 1, "prox");
      }
      check_close(s, f->conjugate(s.q, at), 0.75L * largest, 1, "conjugate");
      BOOST_TEST(std::isinf(f->value(s.q, at)) == (t > 0));
      test::check_functional_laws(s, *f, at);
    }
}

// Of U diag(values) V' with known rotations.
BOOST_AUTO_TEST_CASE(the_nuclear_norm_is_that_of_known_singular_values) {
  const auto rotated = [](double a, double b, double u, double v) {
    const double c = std::cos(u), d = std::sin(u), e = std::cos(v), g = std::sin(v);
    return std::vector<double>{a * c * e + b * d * g, a * c * g - b * d * e, a * d * e - b * c * g,
                               a * d * g + b * c * e};
  };
  for (setup& s : test::setups()) {
    const space in({2, 2});
    const fn_ptr f = built(s, "0.5 * nuclear", in);
    const owned_vec x = test::vec_of(s, in, rotated(3, 1, 0.7, 2.1));
    owned_vec out(s.q, in, s.type);
    const auto check = [&](const std::vector<double>& expected) {
      const std::vector<double> found = test::values(s, out);
      for (std::size_t i = 0; i < 4; ++i) check_close(s, found[i], expected[i], 3, "element");
    };

    check_close(s, f->value(s.q, x), 2, 2, "value");
    f->prox(s.q, x, {4}, out);  // both less 2
    check(rotated(1, 0, 0.7, 2.1));
    f->prox_conjugate(s.q, x, {4}, out);  // both at most 1/2
    check(rotated(0.5, 0.5, 0.7, 2.1));
    BOOST_TEST(std::isinf(f->conjugate(s.q, x)));
    BOOST_TEST(f->conjugate(s.q, test::vec_of(s, in, rotated(0.4, 0.1, 1, 2))) == 0);
    test::check_functional_laws(s, *f, x);
  }
}

BOOST_AUTO_TEST_CASE(total_variation_by_hand) {
  for (setup& s : test::setups()) {
    const auto value = [&](const char* text, const space& in, const std::vector<double>& x) {
      const term_spec t = read_functional(text, test::named_array).at(0);
      const op_ptr A = t.A->build(in, s.type, s.q);
      owned_vec g(s.q, A->range(), s.type);
      A->apply(s.q, test::vec_of(s, in, x), g);
      return t.weight * t.f->build(A->range(), s.type, s.q)->value(s.q, g);
    };
    const space square({2, 2}), colours({2, 1, 2}, {}, 2);
    const auto close = boost::test_tools::tolerance(1e-6);

    // differences down and to the right: (3, 4), (6, 0), (0, 7), (0, 0)
    BOOST_TEST(value("tv", square, {1, 5, 4, 11}) == 5 + 6 + 7.0, close);
    BOOST_TEST(value("tv_anisotropic", square, {1, 5, 4, 11}) == 3 + 4 + 6 + 7.0, close);
    BOOST_TEST(value("2 * tv(0.5)", square, {1, 5, 4, 11}) == 4 * (5 + 6 + 7.0), close);
    BOOST_TEST(value("tv", colours, {0, 3, 0, 4}) == 5.0, close);  // channels are coupled
    BOOST_TEST(value("tv_anisotropic", colours, {0, 3, 0, 4}) == 7.0, close);
    BOOST_TEST(value("tv", pixel, {3}) == 0.0);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ir::expr
