#include "deconv/richardson_lucy.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "support/files.hpp"
#include "support/memory_archive.hpp"
#include "support/setup.hpp"
#include "support/test_data.hpp"

namespace {

using ir::boundary;
using ir::deconvolution_start;
using ir::index_t;
using ir::shape;

// A problem in host memory as doubles, run on a setup's device.
struct problem {
  shape n, m;
  std::vector<double> g, psf;
  boundary rule = boundary::edge;
  deconvolution_start start = deconvolution_start::data;
  ir::convolution::engine engine = ir::convolution::engine::best;
  ir::psf_sum sum = ir::psf_sum::one;
};

struct outcome {
  std::vector<double> f, divergence;
};

ir::array uploaded(ir::test::setup& s, ir::dtype type, const shape& n,
                   const std::vector<double>& v) {
  ir::array a(s.q, type, n);
  ir::copy(s.q, ir::cref(v.data(), ir::dtype::f64, n), a.get());
  s.q.synchronize();
  return a;
}

std::shared_ptr<const ir::richardson_lucy_model> model_of(ir::test::setup& s, const problem& p) {
  const auto grid = ir::plan_convolution(p.n, p.m, p.rule, ir::grid_use::filter, s.q.where());
  return std::make_shared<ir::richardson_lucy_model>(
      s.q, ir::convolution::make(s.q, grid, s.type, ir::cref(p.psf.data(), ir::dtype::f64, p.m),
                                 p.sum, {}, p.engine));
}

outcome deconvolve(ir::test::setup& s, const problem& p, index_t iterations,
                   std::optional<ir::dtype> stored = {}) {
  const ir::array g = uploaded(s, stored.value_or(ir::real_type(s.type)), p.n, p.g);
  ir::array f(s.q, ir::real_type(s.type), p.n);
  ir::richardson_lucy solver(s.q, model_of(s, p), g.get(), f.get(), p.start, ir::tell::divergence);
  outcome o;
  ir::run(s.q, solver, {.iterations = iterations}, [&](const ir::iteration& now, ir::cvec) {
    o.divergence.push_back(*now.objective);
    return ir::verdict::go_on;
  });
  o.f.resize(p.g.size());
  ir::copy(s.q, f.get(), ir::ref(o.f.data(), ir::dtype::f64, p.n));
  s.q.synchronize();
  return o;
}

std::vector<double> spots(const shape& n, std::uint64_t seed) {
  std::mt19937_64 bits(seed);
  std::vector<double> v(static_cast<std::size_t>(n.count()), 10.0);
  for (index_t i = 0; i < n.count() / 20 + 1; ++i)
    v[bits() % v.size()] += 500 + static_cast<double>(bits() % 500);
  return v;
}
std::vector<double> bump(const shape& m) {
  std::vector<double> v;
  for (index_t i = 0; i < m.count(); ++i) {
    double r = 0;
    index_t rest = i;
    for (int axis = m.rank() - 1; axis >= 0; --axis) {
      const double d = static_cast<double>(rest % m[axis]) - static_cast<double>(m[axis] / 2) + 0.3;
      r += d * d;
      rest /= m[axis];
    }
    v.push_back(std::exp(-r / 3));
  }
  return v;
}
std::vector<double> blurred(ir::test::setup& s, const problem& p, const std::vector<double>& x) {
  const ir::array from = uploaded(s, ir::real_type(s.type), p.n, x);
  ir::array to(s.q, ir::real_type(s.type), p.n);
  model_of(s, p)->H().apply(s.q, from.get(), to.get());
  std::vector<double> y(x.size());
  ir::copy(s.q, to.get(), ir::ref(y.data(), ir::dtype::f64, p.n));
  s.q.synchronize();
  return y;
}
problem blurred_spots(ir::test::setup& s, const shape& n, const shape& m, boundary rule) {
  problem p{n, m, {}, bump(m), rule};
  p.g = blurred(s, p, spots(n, 3));
  return p;
}

double total(const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); }
double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  BOOST_REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}
double largest(const std::vector<double>& v) { return *std::max_element(v.begin(), v.end()); }
// Root mean square error after scaling to the same sum.
double error_of(std::vector<double> x, const std::vector<double>& truth) {
  const double scale = total(truth) / total(x);
  double square = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    square += (x[i] * scale - truth[i]) * (x[i] * scale - truth[i]);
  return std::sqrt(square / static_cast<double>(x.size()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(richardson_lucy)

BOOST_AUTO_TEST_CASE(one_step_has_the_value_computed_by_hand) {
  for (ir::test::setup& s : ir::test::setups()) {
    // H averages an element and the next, circular; f = 2: Hf = 2, ratio = (2, 1, 0, 1), H'
    // averages an element and the one before: (1.5, 1.5, 0.5, 0.5).
    const problem p{{4}, {2}, {4, 2, 0, 2}, {1, 1}, boundary::circular, deconvolution_start::flat};

    const outcome o = deconvolve(s, p, 1);

    BOOST_TEST(largest_difference(o.f, {3, 3, 1, 1}) <= 1e-5);
    // (4 ln 2 + 2 - 4) + 0 + 2 + 0, over 4
    BOOST_TEST(o.divergence[0] == std::log(2.0), boost::test_tools::tolerance(1e-5));
  }
}

BOOST_AUTO_TEST_CASE(a_psf_of_one_element_gives_the_data_back) {
  for (ir::test::setup& s : ir::test::setups())
    for (const boundary rule : {boundary::circular, boundary::zero, boundary::edge}) {
      const problem p{{5, 6, 7}, {1, 1, 1}, spots({5, 6, 7}, 1), {3}, rule};

      BOOST_TEST(largest_difference(deconvolve(s, p, 5).f, p.g) <=
                 16 * ir::test::epsilon(s.type) * largest(p.g));
    }
}

BOOST_AUTO_TEST_CASE(the_divergence_falls_in_every_iteration_and_the_light_is_kept) {
  for (ir::test::setup& s : ir::test::setups())
    for (const boundary rule : {boundary::circular, boundary::reflect, boundary::edge})
      for (const auto start : {deconvolution_start::data, deconvolution_start::flat})
        BOOST_TEST_CONTEXT(s.name << ' ' << ir::name_of(rule)) {
          problem p = blurred_spots(s, {9, 20, 23}, {4, 5, 6}, rule);
          p.start = start;

          const outcome o = deconvolve(s, p, 15);

          for (std::size_t k = 1; k < o.divergence.size(); ++k)
            BOOST_TEST(o.divergence[k] < o.divergence[k - 1]);
          if (rule == boundary::circular)
            BOOST_TEST(total(o.f) == total(p.g), boost::test_tools::tolerance(1e-5));
          for (const double v : o.f) BOOST_REQUIRE((std::isfinite(v) && v >= 0));
        }
}

BOOST_AUTO_TEST_CASE(scaling_the_data_scales_the_estimate) {
  for (ir::test::setup& s : ir::test::setups()) {
    problem p = blurred_spots(s, {24, 30}, {5, 4}, boundary::edge);
    const outcome one = deconvolve(s, p, 10);
    for (double& v : p.g) v *= 1000;

    outcome thousand = deconvolve(s, p, 10);

    for (double& v : thousand.f) v /= 1000;
    BOOST_TEST(largest_difference(one.f, thousand.f) <=
               1000 * ir::test::epsilon(s.type) * largest(one.f));
  }
}

BOOST_AUTO_TEST_CASE(a_psf_whose_sum_is_kept_scales_the_estimate_by_its_inverse) {
  for (ir::test::setup& s : ir::test::setups())
    for (const boundary rule : {boundary::circular, boundary::edge}) {
      problem p = blurred_spots(s, {24, 30}, {5, 4}, rule);
      p.start = deconvolution_start::flat;
      const outcome one = deconvolve(s, p, 8);
      const double sum = total(p.psf);
      for (double& v : p.psf) v *= 4 / sum;
      p.sum = ir::psf_sum::keep;

      outcome four = deconvolve(s, p, 8);

      for (double& v : four.f) v *= 4;
      BOOST_TEST(largest_difference(one.f, four.f) <=
                 1000 * ir::test::epsilon(s.type) * largest(one.f));
    }
}

// On a CPU the two engines, on a GPU its only one against the CPU's.
BOOST_AUTO_TEST_CASE(engines_and_devices_give_the_same_estimate_after_25_iterations) {
  for (ir::test::setup& s : ir::test::setups())
    for (const boundary rule : {boundary::circular, boundary::zero, boundary::edge}) {
      ir::test::setup host("cpu", s.type, ir::device{});
      problem p = blurred_spots(host, {10, 24, 30}, {3, 5, 4}, rule);
      const outcome best = deconvolve(host, p, 25);
      p.engine = ir::convolution::engine::plain;

      const outcome plain = deconvolve(s, p, 25);

      const double allowed = s.type == ir::precision::f32 ? 1e-5 : 1e-12;
      BOOST_TEST(largest_difference(best.f, plain.f) <= allowed * largest(best.f));
      BOOST_TEST(best.divergence.back() == plain.divergence.back(),
                 boost::test_tools::tolerance(allowed * 100));
    }
}

BOOST_AUTO_TEST_CASE(whole_numbers_are_read_as_they_are_stored) {
  for (ir::test::setup& s : ir::test::setups()) {
    problem p = blurred_spots(s, {24, 30}, {5, 4}, boundary::edge);
    for (double& v : p.g) v = std::round(std::min(v, 255.0));

    const outcome o = deconvolve(s, p, 6);

    BOOST_TEST((deconvolve(s, p, 6, ir::dtype::u8).f == o.f));
    BOOST_TEST((deconvolve(s, p, 6, ir::dtype::u16).f == o.f));
  }
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_does_not_change_a_bit) {
  ir::test::setup s("cpu f32", ir::precision::f32, ir::device{});
  const int before = ir::threads();
  const problem p = blurred_spots(s, {9, 40, 51}, {4, 5, 6}, boundary::edge);
  ir::set_threads(1);
  const outcome one = deconvolve(s, p, 5);
  ir::set_threads(3);

  const outcome three = deconvolve(s, p, 5);

  ir::set_threads(before);
  BOOST_TEST((one.f == three.f));
  BOOST_TEST((one.divergence == three.divergence));
}

BOOST_AUTO_TEST_CASE(data_without_light_give_zero) {
  for (ir::test::setup& s : ir::test::setups()) {
    const problem p{{4, 5}, {3, 3}, std::vector<double>(20, -1.0), bump({3, 3})};

    BOOST_TEST(largest_difference(deconvolve(s, p, 3).f, std::vector<double>(20, 0.0)) == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_restored_state_goes_on_with_the_same_bits) {
  ir::test::setup s("cpu f32", ir::precision::f32, ir::device{});
  const problem p = blurred_spots(s, {24, 30}, {5, 4}, boundary::edge);
  const ir::array g = uploaded(s, ir::dtype::f32, p.n, p.g);
  const auto model = model_of(s, p);
  ir::array f(s.q, ir::dtype::f32, p.n), again(s.q, ir::dtype::f32, p.n);
  ir::richardson_lucy first(s.q, model, g.get(), f.get(), p.start);
  ir::run(s.q, first, {.iterations = 4});
  std::memcpy(again.get().data, f.get().data, static_cast<std::size_t>(f.get().bytes()));
  ir::richardson_lucy second(s.q, model, g.get(), again.get(), deconvolution_start::given);

  ir::run(s.q, first, {.iterations = 7});
  ir::run(s.q, second, {.iterations = 3});

  BOOST_TEST(
      std::memcmp(again.get().data, f.get().data, static_cast<std::size_t>(f.get().bytes())) == 0);
}

BOOST_AUTO_TEST_CASE(data_of_another_shape_or_type_are_refused) {
  ir::test::setup s("cpu f32", ir::precision::f32, ir::device{});
  const auto model = model_of(s, {{4, 5}, {3, 3}, {}, bump({3, 3})});
  ir::array right(s.q, ir::dtype::f32, {4, 5}), other(s.q, ir::dtype::f32, {5, 4}),
      wide(s.q, ir::dtype::f64, {4, 5});
  const auto make = [&](ir::array& g, ir::array& f) {
    ir::richardson_lucy(s.q, model, g.get(), f.get(), deconvolution_start::flat);
  };

  BOOST_CHECK_THROW(make(other, right), ir::shape_error);
  BOOST_CHECK_THROW(make(right, other), ir::shape_error);
  BOOST_CHECK_THROW(make(wide, right), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(hollow_bars_come_as_near_to_the_truth_as_they_should) {
  const auto data = ir::test::test_data("deconv/bars/data.tif");
  const auto truth = ir::test::test_data("deconv/bars/actual.tif");
  const auto kernel = ir::test::test_data("deconv/bars/kernel.tif");
  if (!data || !truth || !kernel) return;
  const std::vector<double> actual = ir::test::file_values(*truth);
  problem p{{32, 64, 64},
            {32, 64, 64},
            ir::test::file_values(*data),
            ir::test::file_values(*kernel),
            boundary::circular};
  const double blurred_error = error_of(p.g, actual);

  for (ir::test::setup& s : ir::test::setups()) {
    BOOST_TEST(error_of(deconvolve(s, p, 25).f, actual) <= 0.84 * blurred_error);
    BOOST_TEST(error_of(deconvolve(s, p, 100).f, actual) <= 0.74 * blurred_error);
  }
}

BOOST_AUTO_TEST_CASE(a_measured_bead_is_fitted_better_in_every_iteration) {
  const auto data = ir::test::test_data("deconv/bead/data.tif");
  const auto kernel = ir::test::test_data("deconv/bead/kernel.tif");
  if (!data || !kernel) return;
  for (const boundary rule : {boundary::circular, boundary::edge})
    for (ir::test::setup& s : ir::test::setups()) {
      const outcome o = deconvolve(s,
                                   {{64, 64, 64},
                                    {64, 64, 64},
                                    ir::test::file_values(*data),
                                    ir::test::file_values(*kernel),
                                    rule},
                                   20);

      for (std::size_t k = 1; k < o.divergence.size(); ++k)
        BOOST_TEST(o.divergence[k] < o.divergence[k - 1]);
      for (const double v : o.f) BOOST_REQUIRE((std::isfinite(v) && v >= 0));
    }
}

BOOST_AUTO_TEST_SUITE_END()
