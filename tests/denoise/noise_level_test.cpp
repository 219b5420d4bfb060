#include "denoise/noise_level.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <span>

#include "core/error.hpp"
#include "core/parallel.hpp"

using namespace ir;

namespace {

using picture = std::function<double(index_t y, index_t x)>;

/// (1, ny, nx): f(y, x) and noise of standard deviation sigma.
template <class T = float>
std::vector<T> noisy(index_t ny, index_t nx, double sigma, const picture& f, unsigned seed = 3) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> noise;
  std::vector<T> image;
  for (index_t y = 0; y < ny; ++y)
    for (index_t x = 0; x < nx; ++x) image.push_back(T(f(y, x) + sigma * noise(engine)));
  return image;
}

double flat(index_t, index_t) { return 100; }
double waves(index_t y, index_t x) {  // texture on the left half, a smooth slope on the right
  return x % 256 < 128 ? 40 * std::sin(1.1 * double(x)) * std::cos(0.9 * double(y)) : double(x + y);
}

template <class T>
double estimate(const std::vector<T>& image, const shape& n,
                const std::vector<std::uint8_t>& valid = {},
                std::optional<noise_level::limits> limits = {}) {
  queue q;
  noise_level level(n, limits);
  const index_t planes = n[1], plane = n.count() / n[0] / planes;
  for (const plane_range& b : level.bands()) {
    std::vector<index_t> extents(n.extents().begin(), n.extents().end());
    extents[1] = b.last - b.first;
    std::vector<T> band;
    for (index_t c = 0; c < n[0]; ++c)
      band.insert(band.end(), image.begin() + (c * planes + b.first) * plane,
                  image.begin() + (c * planes + b.last) * plane);
    std::optional<cref> mask;
    const std::span<const index_t> all(extents);
    const shape channel(all.subspan(1));
    if (!valid.empty()) mask.emplace(valid.data() + b.first * plane, dtype::u8, channel);
    level.add(q, cref(band.data(), sizeof(T) == 8 ? dtype::f64 : dtype::f32, shape(extents)), mask);
  }
  return level.sigma();
}

const auto within = [](double share) { return boost::test_tools::tolerance(share); };

}  // namespace

BOOST_AUTO_TEST_SUITE(noise_level_of_an_image)

BOOST_AUTO_TEST_CASE(noise_alone_and_noise_on_a_constant) {
  BOOST_TEST(estimate(noisy(256, 200, 3, flat), {1, 256, 200}) == 3, within(0.04));
  const auto high = [](index_t, index_t) { return 1e6; };
  BOOST_TEST(estimate(noisy(256, 200, 1, high), {1, 256, 200}) == 1, within(0.04));
}

BOOST_AUTO_TEST_CASE(texture_is_not_taken_for_noise) {
  for (const double sigma : {2.0, 5.0, 20.0})
    BOOST_TEST(estimate(noisy(256, 512, sigma, waves), {1, 256, 512}) == sigma, within(0.05));
}

BOOST_AUTO_TEST_CASE(noise_that_was_cut_off_does_not_count_where_there_is_other) {
  const noise_level::limits byte{0, 255};
  const auto mostly_dark = [](index_t y, index_t x) {
    return x < 300 ? 8.0 * std::sin(double(y) / 90) : double(x) / 4 + 30 * std::sin(double(y) / 50);
  };
  std::vector<float> image = noisy(300, 512, 10, mostly_dark);
  for (float& v : image) v = std::round(std::clamp(v, 0.F, 255.F));

  BOOST_TEST(estimate(image, {1, 300, 512}) < 8);
  BOOST_TEST(estimate(image, {1, 300, 512}, {}, byte) == 10, within(0.06));
}

BOOST_AUTO_TEST_CASE(where_all_noise_was_cut_off_what_is_left_counts) {
  std::vector<float> image = noisy(200, 200, 10, [](index_t, index_t) { return 0; });
  for (float& v : image) v = std::clamp(v, 0.F, 255.F);

  const double s = estimate(image, {1, 200, 200}, {}, noise_level::limits{0, 255});

  BOOST_TEST(s == estimate(image, {1, 200, 200}));
  BOOST_TEST(s > 4);
}

BOOST_AUTO_TEST_CASE(data_without_noise) {
  BOOST_TEST(estimate(noisy(64, 80, 0, flat), {1, 64, 80}) == 0);
  const auto slope = [](index_t y, index_t x) { return double(y) + 0.3 * double(x); };
  BOOST_TEST(estimate(noisy(256, 256, 0, slope), {1, 256, 256}) < 1e-4);
  const auto square = [](index_t y, index_t x) { return y > 40 && x > 90 && x < 140 ? 1.0 : 0.0; };
  BOOST_TEST(estimate(noisy(256, 256, 0, square), {1, 256, 256}) == 0);
}

BOOST_AUTO_TEST_CASE(scales_with_the_data_over_the_range_of_the_type) {
  const double one = estimate(noisy(64, 64, 1, flat), {1, 64, 64});
  for (const int power : {-100, -20, 20, 100}) {
    auto image = noisy(64, 64, 1, flat);
    for (float& x : image) x = std::ldexp(x, power);
    BOOST_TEST(estimate(image, {1, 64, 64}) == std::ldexp(one, power));
  }
  const auto wide = noisy<double>(64, 64, 1e200, waves);
  BOOST_TEST(estimate(wide, {1, 64, 64}) == 1e200, within(0.1));
  const auto narrow = noisy<double>(64, 64, 1e-200, [](index_t, index_t) { return 0.0; });
  BOOST_TEST(estimate(narrow, {1, 64, 64}) == 1e-200, within(0.1));
}

BOOST_AUTO_TEST_CASE(eight_bits) {
  auto image = noisy(256, 256, 2, waves);
  for (float& x : image) x = std::nearbyint(x);
  BOOST_TEST(estimate(image, {1, 256, 256}) == std::sqrt(4 + 1.0 / 12), within(0.05));
}

BOOST_AUTO_TEST_CASE(empty_ground_is_no_sign_of_silence) {
  auto image = noisy(256, 256, 4, flat);
  for (std::size_t i = 0; i < image.size() / 3; ++i) image[i] = 0;
  BOOST_TEST(estimate(image, {1, 256, 256}) == 4, within(0.05));
}

BOOST_AUTO_TEST_CASE(signals_volumes_and_colours) {
  BOOST_TEST(estimate(noisy(1, 20000, 3, waves), {1, 20000}) == 3, within(0.1));
  BOOST_TEST(estimate(noisy(20000, 1, 3, flat), {1, 20000, 1}) == 3, within(0.1));
  const auto mixed = [](index_t y, index_t x) { return waves(y, x + 100); };
  BOOST_TEST(estimate(noisy(40 * 64, 64, 3, mixed), {1, 40, 64, 64}) == 3, within(0.05));
  BOOST_TEST(estimate(noisy(3 * 128, 128, 3, waves), {3, 128, 128}) == 3, within(0.05));
}

BOOST_AUTO_TEST_CASE(an_opaque_channel_says_nothing) {
  auto image = noisy(2 * 128, 128, 3, flat);
  const double both = estimate(image, {2, 128, 128});
  image.insert(image.end(), 128 * 128, 255);
  BOOST_TEST(estimate(image, {3, 128, 128}) == both, within(1e-6));
}

BOOST_AUTO_TEST_CASE(masked_pixels_have_no_influence) {
  auto image = noisy(128, 128, 3, flat);
  std::vector<std::uint8_t> valid(image.size(), 1);
  for (std::size_t i = 0; i < valid.size(); ++i) valid[i] = i % 128 > 20 && i % 997 != 0;
  const double clean = estimate(image, {1, 128, 128}, valid);
  for (std::size_t i = 0; i < valid.size(); ++i)
    if (valid[i] == 0) image[i] = i % 2 == 0 ? 1e30F : 0;
  BOOST_TEST(estimate(image, {1, 128, 128}, valid) == clean);
  BOOST_TEST(clean == 3, within(0.05));
}

BOOST_AUTO_TEST_CASE(large_images_are_looked_at_in_bands) {
  const shape wide{1, 4000, 3000};
  const noise_level level(wide);
  index_t rows = 0, before = 0;
  for (const plane_range& b : level.bands()) {
    BOOST_TEST(b.first >= before);
    before = b.last;
    rows += b.last - b.first;
  }
  BOOST_TEST(before <= 4000);
  BOOST_TEST(rows * 3000 <= 1 << 20);
  BOOST_TEST(level.bands().size() > 10);
  BOOST_TEST(estimate(noisy(1500, 1200, 7, waves), {1, 1500, 1200}) == 7, within(0.03));
  BOOST_TEST(estimate(noisy(1, 2000000, 7, flat), {1, 2000000}) == 7, within(0.05));
}

BOOST_AUTO_TEST_CASE(small_images_have_an_answer_or_say_why_not) {
  BOOST_TEST(estimate<float>({1, 4}, {1, 1, 2}) == 3 / std::sqrt(2.0), within(1e-6));
  BOOST_TEST(estimate<float>({5, 5}, {1, 2}) == 0);
  BOOST_CHECK_THROW(estimate<float>({5}, {1, 1, 1}), numeric_error);
  BOOST_CHECK_THROW(estimate<float>({1, 2, 3, 4}, {1, 2, 2}, {1, 1, 1, 0}), numeric_error);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  BOOST_CHECK_THROW(estimate<float>({1, nan, 3, 4}, {1, 2, 2}), numeric_error);
}

BOOST_AUTO_TEST_CASE(same_bits_for_any_number_of_threads) {
  const auto image = noisy(300, 301, 5, waves);
  set_threads(1);
  const double one = estimate(image, {1, 300, 301});
  for (const int n : {2, 5}) {
    set_threads(n);
    BOOST_TEST(estimate(image, {1, 300, 301}) == one);
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  queue q;
  const std::vector<float> x(64);
  noise_level level({1, 8, 8});
  BOOST_CHECK_THROW(level.add(q, cref(x.data(), dtype::f32, {1, 4, 16})), shape_error);
  BOOST_CHECK_THROW(level.add(q, cref(x.data(), dtype::i32, {1, 8, 8})), shape_error);
  const cref image(x.data(), dtype::f32, {1, 8, 8});
  BOOST_CHECK_THROW(level.add(q, image, image), shape_error);
  level.add(q, image);
  BOOST_CHECK_THROW(level.add(q, image), shape_error);
  BOOST_CHECK_THROW(noise_level({8}), shape_error);
  BOOST_CHECK_THROW(noise_level({1, 0, 8}), shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
