#include "denoise/median.hpp"

#include <boost/test/unit_test.hpp>

#include "core/error.hpp"
#include "denoise/filter_fixture.hpp"

namespace {

using namespace ir::test;
using ir::boundary;
using ir::dtype;
using ir::index_t;
using ir::shape;

constexpr dtype types[] = {dtype::u8, dtype::u16, dtype::f32, dtype::f64};

// Each window alone.
std::vector<double> by_selection(const image& a, index_t radius, boundary rule,
                                 const mask& valid = {}) {
  const int spatial = a.extents.rank() - 1;
  index_t n[3] = {1, 1, 1};
  for (int s = 0; s < spatial; ++s) n[3 - spatial + s] = a.extents[s + 1];
  const index_t channel = n[0] * n[1] * n[2];
  std::vector<double> out;
  for (index_t c = 0; c < a.extents[0]; ++c)
    for (index_t p = 0; p < channel; ++p) {
      std::vector<double> window;
      index_t r = radius;
      for (int grown = 0; grown < 3 && window.empty(); ++grown, r = 2 * r + 1) {
        const index_t half[3] = {spatial > 2 ? r : 0, spatial > 1 ? r : 0, r};
        visit_window(
            n, {p / (n[1] * n[2]), p / n[2] % n[1], p % n[2]}, half, rule,
            [&](index_t, index_t, index_t, index_t from) {
              if (from >= 0 && !valid.empty() && valid[static_cast<std::size_t>(from)] == 0) return;
              window.push_back(from < 0 ? 0
                                        : a.values[static_cast<std::size_t>(c * channel + from)]);
            });
      }
      if (window.empty()) {
        out.push_back(0);
        continue;
      }
      const auto middle =
          window.begin() + std::ssize(window) / 2 - (window.size() % 2 == 0 ? 1 : 0);
      std::nth_element(window.begin(), middle, window.end());
      out.push_back(*middle);
    }
  return out;
}

ir::queue queue_of_the_run() { return ir::queue(setups().front().q.where()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(median)

BOOST_AUTO_TEST_CASE(equals_selection_for_every_type_radius_and_border) {
  ir::queue q = queue_of_the_run();
  for (const dtype type : types)
    for (const shape& n :
         {shape{1, 37, 53}, shape{2, 3, 4}, shape{1, 1, 1}, shape{1, 1, 9}, shape{1, 9, 1},
          shape{1, 40}, shape{2, 1}, shape{1, 7, 6, 5}, shape{1, 1, 1, 8}})
      for (const index_t radius : {0, 1, 2, 3, 6})
        for (const boundary rule : all_rules)
          BOOST_TEST_CONTEXT(name_of(type)
                             << ' ' << n << " radius " << radius << " rule " << int(rule)) {
            const image a = random_image(n, type, 7);

            const auto m = denoised(q, *ir::make_median({radius, rule}), a, type);

            BOOST_TEST((m == by_selection(a, radius, rule)));
          }
}

BOOST_AUTO_TEST_CASE(images_wider_than_a_tile_and_flat_ones_are_right_too) {
  ir::queue q = queue_of_the_run();
  for (const dtype type : types)
    for (const index_t radius : {1, 2, 4}) {
      image a = random_image({1, 70, 1100}, type, 3);
      for (std::size_t i = 0; i < a.values.size() / 2; ++i) a.values[i] = i % 3 == 0 ? 1 : 0;

      const auto m = denoised(q, *ir::make_median({radius, boundary::reflect}), a, type);

      BOOST_TEST((m == by_selection(a, radius, boundary::reflect)));
    }
}

BOOST_AUTO_TEST_CASE(windows_too_long_for_bytes_are_counted_right) {
  ir::queue q = queue_of_the_run();
  for (const dtype type : types)
    for (const index_t radius : {63, 64, 127, 128}) {
      if (q.where().kind == ir::device::cuda && radius > 63) continue;  // slow: no engines there
      const image a = random_image({1, 3, 5}, type, 4);

      const auto m = denoised(q, *ir::make_median({radius, boundary::edge}), a, type);

      BOOST_TEST((m == by_selection(a, radius, boundary::edge)));
    }
}

BOOST_AUTO_TEST_CASE(tiles_of_few_and_of_many_equal_values_are_right) {
  ir::queue q = queue_of_the_run();
  for (const dtype type : types)
    for (const index_t radius : {9, 70}) {
      image a = random_image({1, 12, 520}, type, 3);
      for (std::size_t i = 0; i < a.values.size(); ++i)
        if (i % 520 < 300) a.values[i] = i % 7 < 3 ? 0 : i % 520 < 150 ? 1 : 0.5;
      if (is_integer(type))
        for (double& v : a.values) v = std::floor(v);

      const auto m = denoised(q, *ir::make_median({radius, boundary::reflect}), a, type);

      BOOST_TEST((m == by_selection(a, radius, boundary::reflect)));
    }
}

BOOST_AUTO_TEST_CASE(under_a_mask_valid_pixels_alone_count_and_holes_take_a_wider_window) {
  ir::queue q = queue_of_the_run();
  for (const dtype type : types)
    for (const shape& n : {shape{2, 33, 41}, shape{1, 60}, shape{1, 9, 8, 7}}) {
      const image a = random_image(n, type, 5);
      mask valid(static_cast<std::size_t>(n.count() / n[0]));
      for (std::size_t i = 0; i < valid.size(); ++i)
        valid[i] = i % 41 < 20 && i > valid.size() / 3 ? 0 : i % 3 != 0;

      for (const index_t radius : {0, 1, 3}) {
        const auto m = denoised(q, *ir::make_median({radius, boundary::reflect}), a, type, valid);
        BOOST_TEST((m == by_selection(a, radius, boundary::reflect, valid)));
      }
    }
}

BOOST_AUTO_TEST_CASE(no_valid_pixel_at_all_gives_zero) {
  ir::queue q = queue_of_the_run();
  const image a = random_image({1, 4, 5}, dtype::u8, 5);

  const auto m = denoised(q, *ir::make_median(), a, dtype::u8, mask(20, 0));

  BOOST_TEST((m == std::vector<double>(20, 0.0)));
}

BOOST_AUTO_TEST_CASE(takes_bytes_and_words_as_they_are_and_a_negative_radius_is_a_usage_error) {
  const auto d = ir::make_median();

  BOOST_TEST((d->works_in(dtype::u16, ir::precision::f32) == dtype::u16));
  BOOST_TEST((d->works_in(dtype::i32, ir::precision::f64) == dtype::f64));
  BOOST_TEST(d->seconds({1, 1000, 1000}, {}, 2) > 0);
  BOOST_CHECK_THROW(ir::make_median({-1, boundary::reflect}), ir::usage_error);
  BOOST_CHECK_THROW(ir::make_median({2048, boundary::reflect}), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
