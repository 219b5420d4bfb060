#include "fft/convolution.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "core/error.hpp"
#include "support/setup.hpp"

namespace {

using ir::boundary;
using ir::index_t;
using ir::shape;

constexpr boundary all_boundaries[] = {boundary::circular, boundary::zero, boundary::reflect,
                                       boundary::edge};

std::vector<double> random_values(index_t n, std::uint64_t seed) {
  std::mt19937_64 bits(seed);
  std::uniform_real_distribution<double> any(0, 1);
  std::vector<double> v;
  for (index_t i = 0; i < n; ++i) v.push_back(any(bits));
  return v;
}

shape padded_to_three(const shape& n) {
  return {n.rank() > 2 ? n[0] : 1, n.rank() > 1 ? n[n.rank() - 2] : 1, n[n.rank() - 1]};
}

// Element of the data at position p of an infinite axis, or -1: written without the engine's maps.
index_t beyond(index_t p, index_t n, boundary rule) {
  while (p < 0 || p >= n) {
    if (rule == boundary::zero) return -1;
    if (rule == boundary::edge) return p < 0 ? 0 : n - 1;
    if (rule == boundary::circular) p += p < 0 ? n : -n;
    if (rule == boundary::reflect) p = p < 0 ? -1 - p : 2 * n - 1 - p;
  }
  return p;
}

// y[i] = sum_j h[j] x[i - j + c]
std::vector<double> direct(const std::vector<double>& x, const shape& nx,
                           const std::vector<double>& h, const shape& nh, boundary rule) {
  const shape n = padded_to_three(nx), m = padded_to_three(nh);
  std::vector<double> y;
  for (index_t k = 0; k < n[0]; ++k)
    for (index_t j = 0; j < n[1]; ++j)
      for (index_t i = 0; i < n[2]; ++i) {
        double sum = 0;
        for (index_t c = 0; c < m[0]; ++c)
          for (index_t b = 0; b < m[1]; ++b)
            for (index_t a = 0; a < m[2]; ++a) {
              const index_t z = beyond(k - c + m[0] / 2, n[0], rule);
              const index_t y1 = beyond(j - b + m[1] / 2, n[1], rule);
              const index_t x1 = beyond(i - a + m[2] / 2, n[2], rule);
              if (z < 0 || y1 < 0 || x1 < 0) continue;
              sum += h[static_cast<std::size_t>((c * m[1] + b) * m[2] + a)] *
                     x[static_cast<std::size_t>((z * n[1] + y1) * n[2] + x1)];
            }
        y.push_back(sum);
      }
  return y;
}

using engine = ir::convolution::engine;

std::shared_ptr<const ir::convolution> blur(ir::test::setup& s, const shape& n, const shape& m,
                                            const std::vector<double>& h, boundary rule,
                                            engine e = engine::best) {
  return ir::convolution::make(
      s.q, ir::plan_convolution(n, m, rule, ir::grid_use::filter, s.q.where()), s.type,
      ir::cref(h.data(), ir::dtype::f64, m), ir::psf_sum::keep, {}, e);
}

std::vector<double> apply(ir::test::setup& s, const ir::convolution& H, std::vector<double> x) {
  const ir::space in(H.geometry().extents);
  const ir::owned_vec from = ir::test::vec_of(s, in, x);
  ir::owned_vec to(s.q, in, s.type);
  H.apply(s.q, ir::cvec(from).block(), ir::vec(to).block());
  return ir::test::values(s, to);
}
std::vector<double> adjoint(ir::test::setup& s, const ir::convolution& H, std::vector<double> y) {
  const ir::space in(H.geometry().extents);
  const ir::owned_vec from = ir::test::vec_of(s, in, y);
  ir::owned_vec to(s.q, in, s.type);
  H.adjoint(s.q, ir::cvec(from).block(), ir::vec(to).block());
  return ir::test::values(s, to);
}

double largest(const std::vector<double>& a) {
  double most = 0;
  for (const double v : a) most = std::max(most, std::abs(v));
  return most;
}
double difference(std::vector<double> a, const std::vector<double>& b) {
  BOOST_REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return largest(a);
}
double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

struct sizes {
  shape data, psf;
};
// Odd and even, shorter and longer than the PSF, lengths with large primes, one element.
const sizes cases[] = {{{7}, {3}},
                       {{8}, {4}},
                       {{3}, {8}},
                       {{1}, {5}},
                       {{13}, {2}},
                       {{6, 5}, {3, 2}},
                       {{5, 6}, {2, 3}},
                       {{11, 22}, {4, 5}},
                       {{1, 9}, {3, 3}},
                       {{9, 1}, {2, 4}},
                       {{4, 5, 6}, {3, 2, 5}},
                       {{5, 4, 7}, {2, 3, 4}},
                       {{3, 11, 13}, {5, 4, 1}},
                       {{1, 1, 1}, {1, 1, 1}},
                       {{2, 19, 37}, {1, 7, 6}}};

}  // namespace

BOOST_AUTO_TEST_SUITE(convolution)

BOOST_AUTO_TEST_CASE(equals_the_sum_for_every_boundary_and_mix_of_odd_and_even_sizes) {
  for (ir::test::setup& s : ir::test::setups())
    for (const sizes& c : cases)
      for (const boundary rule : all_boundaries)
        BOOST_TEST_CONTEXT(s.name << ' ' << c.data << ' ' << c.psf << ' ' << ir::name_of(rule)) {
          const std::vector<double> x = random_values(c.data.count(), 1);
          const std::vector<double> h = random_values(c.psf.count(), 2);

          const std::vector<double> y = apply(s, *blur(s, c.data, c.psf, h, rule), x);

          const std::vector<double> expected = direct(x, c.data, h, c.psf, rule);
          BOOST_TEST(difference(y, expected) <= 16 * ir::test::epsilon(s.type) * dot(h, h) *
                                                    static_cast<double>(c.psf.count()));
        }
}

BOOST_AUTO_TEST_CASE(the_adjoint_is_the_transpose_of_the_sum) {
  for (ir::test::setup& s : ir::test::setups())
    for (const sizes& c : cases)
      for (const boundary rule : all_boundaries)
        BOOST_TEST_CONTEXT(s.name << ' ' << c.data << ' ' << c.psf << ' ' << ir::name_of(rule)) {
          const std::vector<double> x = random_values(c.data.count(), 3);
          const std::vector<double> y = random_values(c.data.count(), 4);
          const std::vector<double> h = random_values(c.psf.count(), 5);

          const std::vector<double> back = adjoint(s, *blur(s, c.data, c.psf, h, rule), y);

          const double left = dot(direct(x, c.data, h, c.psf, rule), y), right = dot(x, back);
          BOOST_TEST(std::abs(left - right) <= 32 * ir::test::epsilon(s.type) * std::abs(left));
        }
}

// On a CPU the two engines, on a GPU its only one against the CPU's.
BOOST_AUTO_TEST_CASE(engines_and_devices_agree) {
  for (ir::test::setup& s : ir::test::setups())
    for (const sizes& c : {sizes{{20, 33, 40}, {5, 6, 7}}, sizes{{70, 90}, {9, 9}}})
      for (const boundary rule : all_boundaries) {
        const std::vector<double> x = random_values(c.data.count(), 6);
        const std::vector<double> h = random_values(c.psf.count(), 7);
        ir::test::setup host("cpu", s.type, ir::device{});
        const auto best = blur(host, c.data, c.psf, h, rule);
        const auto plain = blur(s, c.data, c.psf, h, rule, engine::plain);

        const std::vector<double> a = apply(s, *plain, x), b = adjoint(s, *plain, x);

        BOOST_TEST(difference(apply(host, *best, x), a) <=
                   16 * ir::test::epsilon(s.type) * largest(a));
        BOOST_TEST(difference(adjoint(host, *best, x), b) <=
                   64 * ir::test::epsilon(s.type) * largest(b));
      }
}

BOOST_AUTO_TEST_CASE(a_single_one_gives_the_psf_around_it) {
  for (ir::test::setup& s : ir::test::setups()) {
    const std::vector<double> h{1, 2, 3, 4, 5, 6};  // (2, 3), centre at (1, 1)
    std::vector<double> x(5 * 6, 0.0);
    x[2 * 6 + 3] = 1;

    const std::vector<double> y = apply(s, *blur(s, {5, 6}, {2, 3}, h, boundary::zero), x);

    std::vector<double> expected(5 * 6, 0.0);
    for (std::size_t j = 0; j < 2; ++j)
      for (std::size_t i = 0; i < 3; ++i) expected[(2 + j - 1) * 6 + 3 + i - 1] = h[j * 3 + i];
    BOOST_TEST(difference(y, expected) <= 64 * ir::test::epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(lines_pass_through_forth_and_back) {
  for (ir::test::setup& s : ir::test::setups()) {
    const shape n{6, 7, 10}, m{3, 4, 3};
    const std::vector<double> h = random_values(m.count(), 8), x = random_values(n.count(), 9);
    const auto H = blur(s, n, m, h, boundary::edge);
    BOOST_TEST(H->has_lines() == (s.q.where().kind == ir::device::cpu));
    if (!H->has_lines()) continue;
    std::vector<double> result(x.size());

    ir::with_real(s.type, [&]<class T>() {
      const auto load = [&](index_t line, void* values) noexcept {
        for (index_t i = 0; i < 10; ++i)
          static_cast<T*>(values)[i] = T(x[static_cast<std::size_t>(line * 10 + i)]);
      };
      const auto twice = [&](index_t, void* values) noexcept {
        for (index_t i = 0; i < 10; ++i) static_cast<T*>(values)[i] *= 2;
      };
      const auto store = [&](index_t line, void* values) noexcept {
        for (index_t i = 0; i < 10; ++i)
          result[static_cast<std::size_t>(line * 10 + i)] = static_cast<const T*>(values)[i];
      };
      H->through(s.q, ir::lines_of(load), ir::lines_of(twice), ir::lines_of(store));
    });

    std::vector<double> expected = adjoint(s, *H, apply(s, *H, x));
    for (double& v : expected) v *= 2;
    BOOST_TEST(difference(result, expected) <= 32 * ir::test::epsilon(s.type) * largest(expected));
  }
}

BOOST_AUTO_TEST_CASE(a_psf_of_whole_numbers_is_divided_by_its_sum) {
  ir::test::setup s("cpu", ir::precision::f32, ir::device{});
  const std::vector<std::uint16_t> h{1, 2, 1};
  const auto g =
      ir::plan_convolution({4}, {3}, boundary::circular, ir::grid_use::filter, s.q.where());
  const auto H = ir::convolution::make(s.q, g, s.type, ir::cref(h.data(), ir::dtype::u16, {3}),
                                       ir::psf_sum::one);

  BOOST_TEST(difference(apply(s, *H, {4, 0, 0, 0}), {2, 1, 0, 1}) <= 1e-6);
}

BOOST_AUTO_TEST_CASE(grids_pad_no_more_than_the_boundary_needs) {
  const auto grid = [](boundary rule) {
    return ir::plan_convolution({64, 256, 256}, {31, 31, 31}, rule, ir::grid_use::filter, {})
        .grid();
  };

  BOOST_TEST(grid(boundary::circular) == (shape{64, 256, 256}));
  BOOST_TEST(grid(boundary::edge) == (shape{96, 288, 288}));
  BOOST_TEST(grid(boundary::reflect) == (shape{96, 288, 288}));
  BOOST_TEST(grid(boundary::zero)[0] < 96);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  ir::test::setup s("cpu", ir::precision::f32, ir::device{});
  const auto make = [&](std::vector<double> h, ir::psf_sum sum) {
    const auto g = ir::plan_convolution({4}, {3}, boundary::edge, ir::grid_use::filter, {});
    return ir::convolution::make(s.q, g, s.type, ir::cref(h.data(), ir::dtype::f64, {3}), sum);
  };

  BOOST_CHECK_THROW(ir::plan_convolution({4, 4}, {3}, boundary::edge, ir::grid_use::filter, {}),
                    ir::shape_error);
  BOOST_CHECK_THROW(ir::plan_convolution({0, 4}, {3, 3}, boundary::edge, ir::grid_use::filter, {}),
                    ir::shape_error);
  BOOST_CHECK_THROW(make({1, -1, 0}, ir::psf_sum::one), ir::data_error);
  BOOST_CHECK_THROW(make({1, NAN, 0}, ir::psf_sum::keep), ir::data_error);
  const auto H = make({1, -1, 0}, ir::psf_sum::keep);
  ir::array x(s.q, ir::dtype::f32, {5}), d(s.q, ir::dtype::f64, {4});
  BOOST_CHECK_THROW(H->apply(s.q, x.get(), x.get()), ir::shape_error);
  BOOST_CHECK_THROW(H->apply(s.q, d.get(), d.get()), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
