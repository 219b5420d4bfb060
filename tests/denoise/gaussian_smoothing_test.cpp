#include "denoise/gaussian_smoothing.hpp"

#include <boost/test/unit_test.hpp>

#include "core/error.hpp"
#include "denoise/filter_fixture.hpp"

namespace {

using namespace ir::test;
using ir::boundary;
using ir::dtype;
using ir::index_t;
using ir::shape;

constexpr dtype types[] = {dtype::f32, dtype::f64};
double eps(dtype type) {
  return epsilon(type == dtype::f32 ? ir::precision::f32 : ir::precision::f64);
}

// The sampled Gaussian, 4 widths to each side, at distance k.
double weight(double width, index_t k) {
  const auto r = static_cast<index_t>(std::floor(4 * width + 0.5));
  if (std::abs(k) > r) return 0;
  if (width == 0) return 1;
  double sum = 0;
  const auto g = [&](index_t i) {
    return std::exp(-static_cast<double>(i * i) / (2 * width * width));
  };
  for (index_t i = -r; i <= r; ++i) sum += g(i);
  return g(k) / sum;
}

// One sum over the window of all axes together.
std::vector<double> by_sums(const image& a, const std::vector<double>& width, boundary rule,
                            const mask& valid = {}) {
  const int spatial = a.extents.rank() - 1;
  index_t n[3] = {1, 1, 1}, half[3] = {0, 0, 0};
  double w[3] = {0, 0, 0};
  for (int s = 0; s < spatial; ++s) {
    const int axis = 3 - spatial + s;
    n[axis] = a.extents[s + 1];
    w[axis] = width.size() == 1 ? width[0] : width[static_cast<std::size_t>(s)];
    half[axis] = static_cast<index_t>(std::floor(4 * w[axis] + 0.5));
  }
  const index_t channel = n[0] * n[1] * n[2];
  std::vector<double> out;
  for (index_t c = 0; c < a.extents[0]; ++c)
    for (index_t p = 0; p < channel; ++p) {
      double sum = 0, all = 0;
      visit_window(n, {p / (n[1] * n[2]), p / n[2] % n[1], p % n[2]}, half, rule,
                   [&](index_t dz, index_t dy, index_t dx, index_t from) {
                     if (from >= 0 && !valid.empty() && valid[static_cast<std::size_t>(from)] == 0)
                       return;
                     const double g = weight(w[0], dz) * weight(w[1], dy) * weight(w[2], dx);
                     all += g;
                     if (from >= 0)
                       sum += g * a.values[static_cast<std::size_t>(c * channel + from)];
                   });
      out.push_back(valid.empty() ? sum : all > 0 ? sum / all : 0);
    }
  return out;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  BOOST_REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

ir::queue queue_of_the_run() { return ir::queue(setups().front().q.where()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(gaussian_smoothing)

BOOST_AUTO_TEST_CASE(equals_the_sum_over_the_whole_window) {
  ir::queue q = queue_of_the_run();
  for (const dtype type : types)
    for (const shape& n : {shape{2, 23, 31}, shape{1, 3, 2}, shape{1, 1, 1}, shape{1, 1, 9},
                           shape{1, 9, 1}, shape{2, 40}, shape{1, 6, 7, 9}, shape{1, 1, 1, 8}})
      for (const boundary rule : all_rules)
        for (const double width : {0.0, 0.4, 1.3, 2.0})
          BOOST_TEST_CONTEXT(name_of(type)
                             << ' ' << n << " width " << width << " rule " << int(rule)) {
            const image a = random_image(n, type, 7);

            const auto g = denoised(q, *ir::make_gaussian_smoothing({{width}, rule}), a, type);

            BOOST_TEST(largest_difference(g, by_sums(a, {width}, rule)) <= 100 * eps(type));
          }
}

BOOST_AUTO_TEST_CASE(every_axis_may_have_a_width_of_its_own) {
  ir::queue q = queue_of_the_run();
  for (const dtype type : types) {
    const image plane = random_image({2, 19, 21}, type, 1);
    const image volume = random_image({1, 7, 8, 9}, type, 1);

    const auto p = denoised(q, *ir::make_gaussian_smoothing({{0.5, 2}}), plane, type);
    const auto v = denoised(q, *ir::make_gaussian_smoothing({{1, 0, 0.5}}), volume, type);

    BOOST_TEST(largest_difference(p, by_sums(plane, {0.5, 2}, boundary::reflect)) <=
               20 * eps(type));
    BOOST_TEST(largest_difference(v, by_sums(volume, {1, 0, 0.5}, boundary::reflect)) <=
               20 * eps(type));
  }
}

BOOST_AUTO_TEST_CASE(an_impulse_becomes_the_sampled_gaussian) {
  ir::queue q = queue_of_the_run();
  for (const dtype type : types) {
    image a{{1, 1300}, std::vector<double>(1300, 0.0)};
    a.values[600] = 1;

    const auto g = denoised(q, *ir::make_gaussian_smoothing({{3}}), a, type);

    for (index_t i = 0; i < 1300; ++i)
      BOOST_TEST(std::abs(g[static_cast<std::size_t>(i)] - weight(3, i - 600)) <= 2 * eps(type));
  }
}

BOOST_AUTO_TEST_CASE(constants_stay_constant) {
  ir::queue q = queue_of_the_run();
  for (const dtype type : types) {
    const image a{{1, 70, 600}, std::vector<double>(70 * 600, 5.0)};

    const auto g = denoised(q, *ir::make_gaussian_smoothing({{2.5}}), a, type);

    BOOST_TEST(largest_difference(g, a.values) <= 5 * 20 * eps(type));
  }
}

BOOST_AUTO_TEST_CASE(a_mask_makes_the_convolution_normalised) {
  ir::queue q = queue_of_the_run();
  for (const dtype type : types)
    for (const boundary rule : all_rules) {
      const shape n{2, 21, 33};
      image a = random_image(n, type, 6);
      mask valid(21 * 33);
      for (std::size_t i = 0; i < valid.size(); ++i) valid[i] = i % 33 > 20 ? 0 : i % 5 != 0;
      const auto expected = by_sums(a, {1.2}, rule, valid);
      for (std::size_t i = 0; i < a.values.size(); ++i)
        if (valid[i % valid.size()] == 0) a.values[i] = 1e6;  // has no influence

      const auto g = denoised(q, *ir::make_gaussian_smoothing({{1.2}, rule}), a, type, valid);

      BOOST_TEST(largest_difference(g, expected) <= 1e3 * eps(type));
    }
}

BOOST_AUTO_TEST_CASE(one_thread_and_two_give_the_same_and_the_plan_s_scratch_is_enough) {
  const int before = ir::threads();
  for (const dtype type : types)
    for (const shape& n : {shape{1, 300, 280}, shape{2, 20, 30, 40}, shape{1, 5000}}) {
      const auto d = ir::make_gaussian_smoothing({{2}});
      const image a = random_image(n, type, 8);
      ir::set_threads(1);
      ir::queue one = queue_of_the_run();
      one.reserve(d->scratch_bytes(a.extents, type, one.where()));
      const index_t reserved = one.reserved();
      const mask valid(static_cast<std::size_t>(n.count() / n[0]), 1);
      const auto alone = denoised(one, *d, a, type, valid);
      BOOST_TEST(one.reserved() == reserved);
      ir::set_threads(2);
      ir::queue two = queue_of_the_run();
      BOOST_TEST((denoised(two, *d, a, type, valid) == alone));
    }
  ir::set_threads(before);
}

BOOST_AUTO_TEST_CASE(works_in_floats_and_wrong_widths_are_told) {
  ir::queue q = queue_of_the_run();
  const auto two = ir::make_gaussian_smoothing({{1, 2}});

  BOOST_TEST((two->works_in(dtype::u16, ir::precision::f32) == dtype::f32));
  BOOST_TEST(two->seconds({1, 1000, 1000}, {}, 2) > 0);
  BOOST_CHECK_THROW(denoised(q, *two, random_image({1, 9}, dtype::f32, 1), dtype::f32),
                    ir::shape_error);
  for (const std::vector<double>& w : {std::vector<double>{}, {-1}, {std::nan("")}, {1, 1, 1, 1}})
    BOOST_CHECK_THROW(ir::make_gaussian_smoothing({w}), ir::usage_error);
  BOOST_CHECK_THROW(ir::make_gaussian_smoothing({{1}, boundary::edge, 2}), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
