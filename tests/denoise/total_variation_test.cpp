#include "denoise/total_variation.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "support/noise_image.hpp"
#include "support/setup.hpp"

namespace {

using ir::index_t;
using ir::shape;
using ir::tv_kind;
using ir::tv_options;
using numbers = std::vector<double>;

struct facts final : ir::listener {
  void progress(std::string_view, index_t, index_t) override {}
  void fact(std::string_view name, double value) override { told[std::string(name)] = value; }
  std::map<std::string, double> told;
};

// An image in host memory; maps may be empty.
struct noisy {
  shape n;
  numbers f;
  numbers sigma_map = {};
  std::vector<std::uint8_t> valid = {};
};

struct outcome {
  numbers x;
  std::map<std::string, double> told;
};

outcome denoise(ir::test::setup& s, const noisy& image, const tv_options& options, double sigma) {
  const ir::array f = ir::test::uploaded(s, image.n, image.f);
  const shape channel(image.n.extents().subspan(1));
  ir::noisy_image in{f.get(), sigma, {}, {}};
  ir::array map, mask;
  if (!image.sigma_map.empty()) {
    map = ir::test::uploaded(s, channel, image.sigma_map);
    in.sigma_map = map.get();
  }
  if (!image.valid.empty()) {
    mask = ir::array(s.q, ir::dtype::u8, channel);
    ir::copy(s.q, ir::cref(image.valid.data(), ir::dtype::u8, channel), mask.get());
    in.valid = mask.get();
  }
  ir::array x(s.q, ir::real_type(s.type), image.n);
  const auto heard = std::make_shared<facts>();
  s.q.listen(heard);
  ir::make_total_variation(options)->apply(s.q, in, x.get());
  s.q.listen({});
  return {ir::test::downloaded(s, x.get()), heard->told};
}

// ---- an independent reference: projected gradient with Nesterov's momentum on the dual, f64 ----

struct differences {
  shape n;
  index_t stride(int axis) const {
    index_t s = 1;
    for (int a = axis + 1; a < n.rank(); ++a) s *= n[a];
    return s;
  }
  bool inside(index_t i, int axis) const { return i / stride(axis) % n[axis] + 1 < n[axis]; }
};

// Scales each pixel's differences of axes [from, to) to at most length 1.
void project(const differences& d, std::vector<numbers>& p, int from, int to) {
  const index_t pixels = d.n.count() / d.n[0];
  for (index_t i = 0; i < pixels; ++i) {
    double square = 0;
    for (index_t c = 0; c < d.n[0]; ++c)
      for (int a = from; a < to; ++a) square += std::pow(p[a][c * pixels + i], 2);
    if (square > 1)
      for (index_t c = 0; c < d.n[0]; ++c)
        for (int a = from; a < to; ++a) p[a][c * pixels + i] /= std::sqrt(square);
  }
}

double objective(const noisy& im, const numbers& x, double w, tv_kind kind) {
  const differences d{im.n};
  const index_t pixels = im.n.count() / im.n[0];
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += std::pow(x[i] - im.f[i], 2) / 2;
  for (index_t i = 0; i < pixels; ++i) {
    double all = 0;
    for (int a = 1; a < im.n.rank(); ++a) {
      double square = 0;
      for (index_t c = 0; c < im.n[0]; ++c) {
        const index_t k = c * pixels + i;
        if (d.inside(k, a)) square += std::pow(x[k + d.stride(a)] - x[k], 2);
      }
      if (kind == tv_kind::isotropic)
        all += square;
      else
        sum += w * std::sqrt(square);
    }
    sum += w * std::sqrt(all);
  }
  return sum;
}

numbers reference(const noisy& im, double w, tv_kind kind, int iterations = 20000) {
  const differences d{im.n};
  const int axes = im.n.rank();
  const auto size = im.f.size();
  std::vector<numbers> p(axes, numbers(size)), q = p;
  numbers x;
  for (int k = 0; k < iterations; ++k) {
    x = im.f;
    for (int a = 1; a < axes; ++a)
      for (std::size_t i = 0; i < size; ++i)
        if (d.inside(i, a)) {
          x[i] += w * q[a][i];
          x[i + d.stride(a)] -= w * q[a][i];
        }
    std::vector<numbers> next = q;
    for (int a = 1; a < axes; ++a)
      for (std::size_t i = 0; i < size; ++i)
        if (d.inside(i, a)) next[a][i] += (x[i + d.stride(a)] - x[i]) / (4.0 * (axes - 1) * w);
    if (kind == tv_kind::isotropic)
      project(d, next, 1, axes);
    else
      for (int a = 1; a < axes; ++a) project(d, next, a, a + 1);
    const double momentum = k / (k + 4.0);
    for (int a = 1; a < axes; ++a)
      for (std::size_t i = 0; i < size; ++i)
        q[a][i] = next[a][i] + momentum * (next[a][i] - p[a][i]);
    p = next;
  }
  return x;
}

double square_distance(const numbers& a, const numbers& b) {
  BOOST_REQUIRE(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}
double largest_difference(const numbers& a, const numbers& b) {
  BOOST_REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(total_variation)

BOOST_AUTO_TEST_CASE(the_gap_told_bounds_the_distance_to_the_minimiser) {
  for (ir::test::setup& s : ir::test::setups())
    for (const tv_kind kind : {tv_kind::isotropic, tv_kind::anisotropic})
      for (const shape& n : {shape{1, 40}, shape{1, 13, 17}, shape{3, 9, 8}, shape{2, 4, 5, 6}})
        BOOST_TEST_CONTEXT(s.name << ' ' << to_string(n) << " kind " << int(kind)) {
          const noisy im{n, ir::test::noisy_steps(n, 3)};
          const double w = 12;
          const outcome o = denoise(s, im, {.kind = kind, .weight = w, .gap = 1e-4}, 15);
          const numbers best = reference(im, w, kind, 4000);

          const double found = objective(im, o.x, w, kind), least = objective(im, best, w, kind);
          const double gap = o.told.at("gap");
          BOOST_TEST(gap <= 1e-4);
          BOOST_TEST(found - least <= gap * found * 1.001 + 1e-7 * found);
          BOOST_TEST(square_distance(o.x, best) <= 2 * gap * found * 1.01 + 1e-6 * found);
        }
}

BOOST_AUTO_TEST_CASE(a_step_in_one_dimension_loses_the_weight_on_both_sides) {
  for (ir::test::setup& s : ir::test::setups()) {
    // 4 and 6 elements: the mean of each side moves by w over their number.
    const noisy im{{1, 10}, {0, 0, 0, 0, 10, 10, 10, 10, 10, 10}};
    const outcome o = denoise(s, im, {.weight = 6, .gap = 1e-6, .iterations = 20000}, 1);
    const numbers expected{1.5, 1.5, 1.5, 1.5, 9, 9, 9, 9, 9, 9};
    BOOST_TEST(largest_difference(o.x, expected) <= 1e-2);
  }
}

BOOST_AUTO_TEST_CASE(constants_stay_to_the_bit) {
  for (ir::test::setup& s : ir::test::setups())
    for (const shape& n : {shape{1, 5, 7}, shape{3, 33, 70}, shape{1, 3, 4, 5}}) {
      const noisy im{n, numbers(static_cast<std::size_t>(n.count()), 77.25)};
      const outcome o = denoise(s, im, {}, 25);
      BOOST_TEST(o.x == im.f, boost::test_tools::per_element());
      BOOST_TEST(o.told.at("gap") == 0);
    }
}

BOOST_AUTO_TEST_CASE(one_pixel_one_row_and_one_column_work) {
  for (ir::test::setup& s : ir::test::setups())
    for (const shape& n : {shape{1, 1}, shape{1, 1, 1}, shape{1, 1, 1, 1}, shape{1, 1, 50},
                           shape{1, 50, 1}, shape{1, 1, 1, 50}, shape{1, 50, 1, 1}}) {
      const noisy im{n, ir::test::noisy_steps(n, 1)};
      const noisy line{{1, n.count()}, im.f};
      const tv_options options{.weight = 9, .gap = 1e-6, .iterations = 20000};
      const outcome o = denoise(s, im, options, 15), same = denoise(s, line, options, 15);
      const double energy = objective(line, same.x, 9, tv_kind::isotropic);
      BOOST_TEST(square_distance(o.x, same.x) <= 8 * 1e-6 * energy + 1e-9);
    }
}

BOOST_AUTO_TEST_CASE(adding_a_constant_and_mirroring_commute) {
  for (ir::test::setup& s : ir::test::setups()) {
    const shape n{1, 20, 31};
    const noisy im{n, ir::test::noisy_steps(n, 8)};
    const tv_options options{.kind = tv_kind::anisotropic, .weight = 12};
    const outcome o = denoise(s, im, options, 15);
    noisy moved = im, mirrored = im;
    for (double& v : moved.f) v += 1000;
    std::reverse(mirrored.f.begin(), mirrored.f.end());

    numbers there = denoise(s, moved, options, 15).x, back = denoise(s, mirrored, options, 15).x;

    for (double& v : there) v -= 1000;
    std::reverse(back.begin(), back.end());
    const double energy = objective(im, o.x, 12, options.kind);
    BOOST_TEST(square_distance(there, o.x) <=
               (s.type == ir::precision::f32 ? 8 * 1e-4 * energy : 1e-9));
    BOOST_TEST(square_distance(back, o.x) <= 8 * 1e-4 * energy);
  }
}

BOOST_AUTO_TEST_CASE(an_offset_that_dwarfs_the_noise_costs_no_accuracy) {
  for (ir::test::setup& s : ir::test::setups()) {
    const shape n{1, 40, 31};
    noisy im{n, ir::test::noisy_steps(n, 8)};
    for (double& v : im.f) v = std::round(64 * v) / 64;  // f32 holds the sum below exactly
    noisy moved = im;
    for (double& v : moved.f) v += 65536;
    const tv_options options{.weight = 12, .gap = 1e-5, .iterations = 3000};

    const outcome near = denoise(s, im, options, 15), far = denoise(s, moved, options, 15);

    BOOST_TEST(far.told.at("gap") <= 1e-5);
    numbers back = far.x;
    for (double& v : back) v -= 65536;
    BOOST_TEST(largest_difference(back, near.x) <= 0.05);
  }
}

BOOST_AUTO_TEST_CASE(the_bits_are_the_same_for_any_number_of_threads) {
  const int before = ir::threads();
  for (ir::test::setup& s : ir::test::setups()) {
    const shape n{1, 300, 401};
    const noisy im{n, ir::test::noisy_steps(n, 8)};
    ir::set_threads(1);
    const numbers one = denoise(s, im, {.gap = 1e-3}, 15).x;
    ir::set_threads(2);
    const numbers two = denoise(s, im, {.gap = 1e-3}, 15).x;
    BOOST_TEST((one == two));
  }
  ir::set_threads(before);
}

BOOST_AUTO_TEST_CASE(a_map_of_one_value_is_that_sigma_and_a_steep_map_converges) {
  for (ir::test::setup& s : ir::test::setups()) {
    const shape n{1, 40, 50};
    noisy im{n, ir::test::noisy_steps(n, 8)};
    const outcome plain = denoise(s, im, {.gap = 1e-5}, 15);
    im.sigma_map.assign(2000, 15.0);
    const outcome mapped = denoise(s, im, {.gap = 1e-5}, 15);
    const double energy = objective(im, plain.x, plain.told.at("weight"), tv_kind::isotropic);
    BOOST_TEST(square_distance(plain.x, mapped.x) <= 8 * 1e-5 * energy);

    for (std::size_t i = 0; i < 2000; ++i) im.sigma_map[i] = i % 50 < 25 ? 1 : 50;
    const outcome steep = denoise(s, im, {.gap = 1e-4}, 35);
    BOOST_TEST(steep.told.at("gap") <= 1e-4);
    // Little noise, little change; much noise, much.
    double left = 0, right = 0;
    for (std::size_t i = 0; i < 2000; ++i)
      (i % 50 < 25 ? left : right) += std::abs(steep.x[i] - im.f[i]);
    BOOST_TEST(5 * left < right);
  }
}

BOOST_AUTO_TEST_CASE(invalid_pixels_have_no_influence_and_are_filled) {
  for (ir::test::setup& s : ir::test::setups()) {
    const shape n{1, 30, 40};
    noisy im{n, numbers(1200, 50.0)};
    for (std::size_t i = 0; i < 1200; ++i) im.f[i] += i % 40 < 20 ? 0 : 100;
    im.valid.assign(1200, 1);
    for (std::size_t y = 10; y < 14; ++y)
      for (std::size_t x = 5; x < 10; ++x) im.valid[40 * y + x] = 0;
    noisy other = im;
    for (std::size_t i = 0; i < 1200; ++i)
      if (im.valid[i] == 0) other.f[i] = 1e5;
    const double least = s.type == ir::precision::f32 ? 1e-4 : 1e-6;
    const tv_options options{.weight = 5, .gap = least, .iterations = 20000};

    const outcome o = denoise(s, im, options, 5), same = denoise(s, other, options, 5);

    BOOST_TEST(o.told.at("gap") <= least);
    BOOST_TEST((o.x == same.x));
    const numbers whole = denoise(s, {n, im.f}, options, 5).x;  // the hole's own values fit
    BOOST_TEST(largest_difference(o.x, whole) <= 2);
  }
}

BOOST_AUTO_TEST_CASE(slabs_keep_the_tolerance_and_tell_the_gap_of_the_whole) {
  for (ir::test::setup& s : ir::test::setups()) {
    const shape n{2, 200, 50};
    const noisy im{n, ir::test::noisy_steps(n, 8)};
    const tv_options options{.weight = 12, .gap = 1e-4};
    const auto tv = ir::make_total_variation(options);
    const index_t halo = tv->reach().radius;
    const auto heard = std::make_shared<facts>();
    s.q.listen(heard);
    const auto pass = tv->begin();
    numbers x(im.f.size());
    for (index_t first = 0; first < 200; first += 64) {
      const index_t last = std::min<index_t>(first + 64, 200);
      const index_t from = std::max<index_t>(first - halo, 0), to = std::min(last + halo, n[1]);
      numbers part;
      for (index_t c = 0; c < 2; ++c)
        part.insert(part.end(), im.f.begin() + (c * 200 + from) * 50,
                    im.f.begin() + (c * 200 + to) * 50);
      const ir::array f = ir::test::uploaded(s, {2, to - from, 50}, part);
      ir::array out(s.q, ir::real_type(s.type), {2, last - first, 50});
      pass->slab(s.q, {f.get(), 15, {}, {}}, {first - from, last - from}, out.get());
      const numbers made = ir::test::downloaded(s, out.get());
      for (index_t c = 0; c < 2; ++c)
        std::copy_n(made.begin() + c * (last - first) * 50, (last - first) * 50,
                    x.begin() + (c * 200 + first) * 50);
    }
    pass->finish(s.q);
    s.q.listen({});
    const double gap = heard->told.at("gap");
    const outcome whole = denoise(s, im, options, 15);

    BOOST_TEST(gap <= 2e-4);
    const double found = objective(im, x, 12, tv_kind::isotropic);
    const double least =
        objective(im, reference(im, 12, tv_kind::isotropic, 1500), 12, tv_kind::isotropic);
    BOOST_TEST(found - least <= gap * found * 1.001 + 1e-6 * found);
    // (sqrt a + sqrt b)^2 <= 2 (a + b), twice the gaps each
    BOOST_TEST(square_distance(x, whole.x) <= 4 * (gap + whole.told.at("gap")) * found * 1.01);
  }
}

BOOST_AUTO_TEST_CASE(the_discrepancy_rule_leaves_the_noise_as_misfit) {
  for (ir::test::setup& s : ir::test::setups())
    for (const shape& n : {shape{1, 60, 70}, shape{3, 40, 30}}) {
      const noisy im{n, ir::test::noisy_steps(n, 8)};
      const outcome o = denoise(s, im, {.rule = ir::tv_rule::discrepancy}, 15);
      const double values = static_cast<double>(n.count());
      BOOST_TEST(square_distance(o.x, im.f) / (values * 225) == 1.0,
                 boost::test_tools::tolerance(2e-3));
      BOOST_TEST(o.told.at("gap") <= 1e-4);
      // The weight told is the one solved for.
      const outcome same = denoise(s, im, {.weight = o.told.at("weight")}, 15);
      const double energy = objective(im, o.x, o.told.at("weight"), tv_kind::isotropic);
      BOOST_TEST(square_distance(o.x, same.x) <= 8 * 1e-4 * energy);
    }
}

BOOST_AUTO_TEST_CASE(the_discrepancy_rule_takes_a_map_of_sigma) {
  for (ir::test::setup& s : ir::test::setups()) {
    const shape n{1, 40, 50};
    noisy im{n, ir::test::noisy_steps(n, 8)};
    const tv_options options{.rule = ir::tv_rule::discrepancy};
    const double plain = denoise(s, im, options, 15).told.at("weight");
    im.sigma_map.assign(2000, 15.0);
    BOOST_TEST(denoise(s, im, options, 15).told.at("weight") == plain,
               boost::test_tools::tolerance(5e-3));

    for (std::size_t i = 0; i < 2000; ++i) im.sigma_map[i] = i % 50 < 25 ? 10 : 20;
    const outcome o = denoise(s, im, options, std::sqrt(250.0));
    double misfit = 0, expected = 0;
    for (std::size_t i = 0; i < 2000; ++i) {
      misfit += std::pow(o.x[i] - im.f[i], 2) / im.sigma_map[i];
      expected += im.sigma_map[i];
    }
    BOOST_TEST(misfit / expected == 1.0, boost::test_tools::tolerance(2e-3));
  }
}

// Steps under noise whose truth is known: the error at the weight found against the least of a
// grid of weights.
BOOST_AUTO_TEST_CASE(the_weight_of_least_estimated_risk_is_near_the_one_of_least_error) {
  for (ir::test::setup& s : ir::test::setups())
    for (const shape& n : {shape{1, 90, 80}, shape{3, 60, 50}, shape{1, 16, 20, 22}})
      BOOST_TEST_CONTEXT(s.name << ' ' << to_string(n)) {
        noisy im{n, ir::test::noisy_steps(n, 8)};
        const numbers truth = ir::test::noisy_steps(n, 8, 0);
        const double sigma = ir::test::noise_of_steps;
        const auto error = [&](const tv_options& options) {
          return square_distance(denoise(s, im, options, sigma).x, truth);
        };
        const double usual = ir::tv_weight(tv_kind::isotropic, n[0]) * sigma;
        double best = std::numeric_limits<double>::max();
        for (double w = usual / 3; w < 9 * usual; w *= 1.2)
          best = std::min(best, error({.weight = w, .gap = 1e-3}));

        const outcome o = denoise(s, im, {.rule = ir::tv_rule::sure}, sigma);

        BOOST_TEST(square_distance(o.x, truth) <= 1.1 * best);
        BOOST_TEST(o.told.at("gap") <= 1e-4);
        BOOST_TEST(o.x == denoise(s, im, {.rule = ir::tv_rule::sure}, sigma).x);
      }
}

BOOST_AUTO_TEST_CASE(rules_refuse_what_they_have_no_meaning_for) {
  for (ir::test::setup& s : ir::test::setups()) {
    noisy im{{1, 6, 5}, ir::test::noisy_steps({1, 6, 5}, 2)};
    const ir::array f = ir::test::uploaded(s, im.n, im.f);
    ir::array out(s.q, ir::real_type(s.type), {1, 4, 5});
    for (const ir::tv_rule rule : {ir::tv_rule::sure, ir::tv_rule::discrepancy}) {
      const auto pass = ir::make_total_variation({.rule = rule})->begin();
      BOOST_CHECK_THROW(pass->slab(s.q, {f.get(), 15, {}, {}}, {0, 4}, out.get()), ir::usage_error);
    }
    im.sigma_map.assign(30, 15.0);
    BOOST_CHECK_THROW(denoise(s, im, {.rule = ir::tv_rule::sure}, 15), ir::usage_error);
  }
}

BOOST_AUTO_TEST_CASE(no_noise_changes_nothing_and_bad_options_are_refused) {
  for (ir::test::setup& s : ir::test::setups()) {
    const noisy im{{1, 6, 5}, ir::test::noisy_steps({1, 6, 5}, 2)};
    const outcome o = denoise(s, im, {}, 0);
    const ir::array f = ir::test::uploaded(s, im.n, im.f);
    BOOST_TEST(o.x == ir::test::downloaded(s, f.get()), boost::test_tools::per_element());
    noisy broken = im;
    broken.f[7] = std::numeric_limits<double>::quiet_NaN();
    BOOST_CHECK_THROW(denoise(s, broken, {}, 5), ir::numeric_error);
  }
  BOOST_CHECK_THROW(ir::make_total_variation({.weight = -1}), ir::usage_error);
  BOOST_CHECK_THROW(ir::make_total_variation({.gap = -1}), ir::usage_error);
  BOOST_CHECK_THROW(ir::make_total_variation({.iterations = 0}), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
