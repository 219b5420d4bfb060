#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "support/reconstruction.hpp"

namespace {

using namespace ir::test;
using ir::index_t;
using ir::ramp_window;
constexpr double pi = std::numbers::pi;

struct errors {
  double disc, interior, bias;
};

// Whether the pixels around (j, i), up to four steps away, all hold the same value.
bool constant_around(const std::vector<double>& truth, index_t n, index_t j, index_t i) {
  const auto at = [&](index_t y, index_t x) { return truth[static_cast<std::size_t>(y * n + x)]; };
  for (index_t y = -4; y <= 4; ++y)
    for (index_t x = std::abs(y) - 4; x <= 4 - std::abs(y); ++x)
      if (std::abs(at(j + y, i + x) - at(j, i)) > 1e-12) return false;
  return true;
}

// Over the disc of radius n/2 - 2; where the phantom is constant; the mean where it is 0.2.
errors errors_of(const std::vector<double>& slice, const std::vector<double>& truth, index_t n) {
  double disc = 0, discs = 0, interior = 0, interiors = 0, bias = 0, biased = 0;
  const double middle = 0.5 * static_cast<double>(n - 1), radius = 0.5 * static_cast<double>(n) - 2;
  for (index_t j = 4; j < n - 4; ++j)
    for (index_t i = 4; i < n - 4; ++i) {
      const double y = static_cast<double>(j) - middle, x = static_cast<double>(i) - middle;
      if (std::hypot(y, x) > radius) continue;
      const auto k = static_cast<std::size_t>(j * n + i);
      const double e = slice[k] - truth[k];
      disc += e * e;
      ++discs;
      if (!constant_around(truth, n, j, i)) continue;
      interior += e * e;
      ++interiors;
      if (std::abs(truth[k] - 0.2) > 1e-9) continue;
      bias += e;
      ++biased;
    }
  return {std::sqrt(disc / discs), std::sqrt(interior / interiors), bias / biased};
}

errors shepp_logan_errors(setup& s, index_t n, index_t views, ramp_window window) {
  const auto phantom = ir::modified_shepp_logan(0.5 * static_cast<double>(n));
  const auto g =
      ir::whole_slice(ir::even_angles(views, 0, pi), n, 0.5 * static_cast<double>(n - 1));
  std::vector<double> truth(static_cast<std::size_t>(n * n));
  ir::draw(phantom, g, 8, truth);
  return errors_of(reconstruct(s, g, {.window = window}, sinogram_of(phantom, g)), truth, n);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fbp_accuracy)

BOOST_AUTO_TEST_CASE(published_errors_of_the_shepp_logan_phantom_are_reproduced) {
  struct row {
    index_t n, views;
    ramp_window window;
    double disc, interior;
  };
  for (setup& s : setups())
    for (const row& r : {row{256, 402, ramp_window::ram_lak, 0.02063, 0.00777},
                         row{256, 402, ramp_window::shepp_logan, 0.02438, 0.00570},
                         row{512, 804, ramp_window::ram_lak, 0.01458, 0.00559},
                         row{512, 804, ramp_window::shepp_logan, 0.01717, 0.00426}})
      BOOST_TEST_CONTEXT(s.name << ' ' << r.n << " window " << static_cast<int>(r.window)) {
        const errors e = shepp_logan_errors(s, r.n, r.views, r.window);

        BOOST_TEST_MESSAGE(e.disc << ' ' << e.interior << ' ' << e.bias);
        BOOST_CHECK_CLOSE(e.disc, r.disc, 1);
        // The reference's mask of the interior is not known to the pixel.
        BOOST_CHECK_LE(e.interior, 1.01 * r.interior);
        BOOST_CHECK_CLOSE(e.interior, r.interior, 5);
        BOOST_CHECK_SMALL(e.bias, 1e-5);
      }
}

BOOST_AUTO_TEST_CASE(no_window_biases_the_slice) {
  for (setup& s : setups())
    for (const ramp_window w :
         {ramp_window::cosine, ramp_window::hamming, ramp_window::hann, ramp_window::butterworth})
      BOOST_TEST_CONTEXT(s.name << " window " << static_cast<int>(w)) {
        const errors e = shepp_logan_errors(s, 256, 402, w);

        BOOST_TEST_MESSAGE(static_cast<int>(w)
                           << ": " << e.disc << ' ' << e.interior << ' ' << e.bias);
        BOOST_CHECK_SMALL(e.bias, 1e-4);
        BOOST_CHECK_LT(e.disc, 0.05);
      }
}

BOOST_AUTO_TEST_CASE(a_disc_of_value_one_reads_one_in_any_unit_of_length) {
  for (setup& s : setups())
    for (const double pixel : {1.0, 0.65e-3}) BOOST_TEST_CONTEXT(s.name << " pixel " << pixel) {
        auto g = ir::whole_slice(ir::even_angles(200, 0, pi), 128, 63.5);
        g.pixel_size = pixel;
        const auto slice = reconstruct(s, g, {}, sinogram_of({{1, 40, 40, 5, -3, 0}}, g));
        double sum = 0, count = 0;
        for (index_t j = 0; j < 128; ++j)
          for (index_t i = 0; i < 128; ++i)
            if (std::hypot(static_cast<double>(i) - 68.5, static_cast<double>(j) - 60.5) < 30) {
              sum += slice[static_cast<std::size_t>(j * 128 + i)];
              ++count;
            }

        BOOST_CHECK_SMALL(sum / count - 1, 0.002);
      }
}

BOOST_AUTO_TEST_CASE(a_slice_sums_to_what_its_views_sum_to) {
  for (setup& s : setups()) {
    const auto g = ir::whole_slice(ir::even_angles(200, 0, pi), 128, 63.5);
    const auto p = sinogram_of({{1, 20, 12, 4, 7, 0.3}}, g);
    double views = 0, pixels = 0;
    for (const double v : p) views += v / 200;

    const auto slice = reconstruct(s, g, {.padding = ir::row_padding::zero}, p);

    // Where all views see: in the corners some do not.
    for (index_t j = 0; j < 128; ++j)
      for (index_t i = 0; i < 128; ++i)
        if (std::hypot(static_cast<double>(i) - 63.5, static_cast<double>(j) - 63.5) < 64)
          pixels += slice[static_cast<std::size_t>(j * 128 + i)];
    BOOST_CHECK_CLOSE(pixels, views, 0.5);
  }
}

BOOST_AUTO_TEST_CASE(an_object_appears_where_it_is) {
  for (setup& s : setups())
    for (const double turn : {pi, 2 * pi}) {
      auto g = ir::whole_slice(ir::even_angles(180, 0.2, 0.2 + turn), 64, 29.25);
      g.x_first = g.y_first = -31;
      const auto slice = reconstruct(s, g, {}, sinogram_of({{1, 3, 3, 15, -8, 0}}, g));
      double y = 0, x = 0, sum = 0;
      for (index_t j = 0; j < 64; ++j)
        for (index_t i = 0; i < 64; ++i) {
          const double v = slice[static_cast<std::size_t>(j * 64 + i)];
          if (v < 0.5) continue;
          sum += v;
          y += v * static_cast<double>(j);
          x += v * static_cast<double>(i);
        }

      BOOST_CHECK_SMALL(x / sum - (31 + 15), 0.1);
      BOOST_CHECK_SMALL(y / sum - (31 - 8), 0.1);
    }
}

BOOST_AUTO_TEST_CASE(uneven_views_and_double_ends_give_the_same_slice) {
  for (setup& s : setups()) {
    const std::vector<ir::ellipse> phantom{{1, 30, 20, 5, -3, 0.4}};
    std::vector<double> uneven;
    for (index_t k = 0; k <= 300; ++k) {
      const double t = static_cast<double>(k) / 300;
      uneven.push_back(pi * (t + 0.1 * std::sin(2 * pi * t) / (2 * pi)));
    }
    const auto even = ir::whole_slice(ir::even_angles(300, 0, pi), 96, 47.5);
    const auto other = ir::whole_slice(uneven, 96, 47.5);

    const auto a = reconstruct(s, even, {}, sinogram_of(phantom, even));
    const auto b = reconstruct(s, other, {}, sinogram_of(phantom, other));

    BOOST_CHECK_LT(rms_difference(a, b), 2e-3);
  }
}

BOOST_AUTO_TEST_SUITE_END()
