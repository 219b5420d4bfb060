#include "denoise/nlm.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <memory>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "denoise/nlm_exponential.hpp"
#include "denoise/nlm_reference.hpp"

namespace {

using ir::index_t;
using ir::nlm_options;
using ir::shape;
using ir::test::epsilon;
using ir::test::nlm_by_sums;
using ir::test::nlm_of;
using ir::test::picture;
using ir::test::random_picture;

// The weights' error of 6e-6 moves a mean of values within some sigma by less than this. CPU and
// GPU are held to it against the same sums: they are within twice of it of each other.
double tolerance(const ir::test::setup& s, const picture& p) {
  return s.type == ir::precision::f32 ? 2e-4 * std::max(p.sigma, 1.0)
                                      : 1e-10 * std::max(p.sigma, 1.0);
}

double most_apart(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

void check_against_sums(const picture& p, const nlm_options& o) {
  const std::vector<double> expected = nlm_by_sums(p, o);
  for (auto& s : ir::test::setups()) {
    const double apart = most_apart(nlm_of(s, p, o), expected);
    BOOST_CHECK_MESSAGE(apart <= tolerance(s, p), s.name << ": " << to_string(p.extents())
                                                         << " patch " << o.patch << " search "
                                                         << o.search << ": " << apart);
  }
}

std::vector<double> mirrored_rows(const picture& p, const std::vector<double>& values) {
  std::vector<double> to = values;
  for (auto row = to.begin(); row != to.end(); row += p.n[2]) std::reverse(row, row + p.n[2]);
  return to;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nlm)

BOOST_AUTO_TEST_CASE(images_of_any_width_agree_with_direct_sums) {
  for (const nlm_options& o : {nlm_options{1, 1}, {1, 5}, {3, 5}, {5, 7}, {7, 9}, {9, 5}, {11, 3}})
    check_against_sums(random_picture(1, {13, 18}, 10, 1), o);
}

BOOST_AUTO_TEST_CASE(an_image_of_several_tiles_agrees_with_direct_sums) {
  check_against_sums(random_picture(1, {70, 300}, 10, 2), {3, 7});
}

BOOST_AUTO_TEST_CASE(default_widths_agree_with_direct_sums_across_blocks) {
  check_against_sums(random_picture(1, {20, 115}, 10, 20), {});
  check_against_sums(random_picture(3, {10, 135}, 10, 20), {3, 7});
}

BOOST_AUTO_TEST_CASE(a_window_far_wider_than_the_image_agrees_with_direct_sums) {
  check_against_sums(random_picture(3, {4, 6}, 10, 21), {3, 89});
}

BOOST_AUTO_TEST_CASE(channels_share_one_weight) {
  check_against_sums(random_picture(3, {17, 21}, 10, 3), {5, 7});
  check_against_sums(random_picture(2, {17, 21}, 10, 3), {7, 5});
}

BOOST_AUTO_TEST_CASE(volumes_agree_with_direct_sums) {
  check_against_sums(random_picture(1, {5, 9, 11}, 10, 4), {3, 5});
  check_against_sums(random_picture(2, {10, 6, 7}, 10, 4), {3, 3});
  check_against_sums(random_picture(1, {3, 4, 5}, 10, 4), {9, 3});
}

BOOST_AUTO_TEST_CASE(signals_agree_with_direct_sums) {
  check_against_sums(random_picture(1, shape{300}, 10, 5), {7, 21});
  check_against_sums(random_picture(3, shape{40}, 10, 5), {5, 9});
}

BOOST_AUTO_TEST_CASE(images_smaller_than_patch_and_window_agree_with_direct_sums) {
  for (const shape& n : {shape{1, 1}, shape{1, 6}, shape{6, 1}, shape{2, 3}, shape{1, 1, 5},
                         shape{1}, shape{2}, shape{1, 1, 1}})
    check_against_sums(random_picture(1, n, 10, 6), {7, 9});
}

BOOST_AUTO_TEST_CASE(a_map_of_sigma_agrees_with_direct_sums) {
  picture p = random_picture(1, {15, 17}, 10, 7);
  for (index_t i = 0; i < p.pixels(); ++i) p.map.push_back(5 + static_cast<double>(i % 11));

  check_against_sums(p, {3, 7});
}

BOOST_AUTO_TEST_CASE(pixels_that_are_not_valid_have_no_influence) {
  picture p = random_picture(2, {15, 17}, 10, 8);
  for (index_t i = 0; i < p.pixels(); ++i) p.valid.push_back(i % 7 != 3);
  picture other = p;
  for (std::size_t i = 0; i < p.values.size(); ++i)
    if (p.valid[i % p.valid.size()] == 0) other.values[i] = 1e30;

  check_against_sums(p, {5, 7});
  for (auto& s : ir::test::setups())
    BOOST_TEST(most_apart(nlm_of(s, p, {5, 7}), nlm_of(s, other, {5, 7})) == 0);
}

BOOST_AUTO_TEST_CASE(mask_and_map_together_agree_with_direct_sums) {
  picture p = random_picture(1, {12, 12}, 10, 9);
  for (index_t i = 0; i < p.pixels(); ++i) {
    p.map.push_back(5 + static_cast<double>(i % 5));
    p.valid.push_back(i % 5 != 2 && i > 30);
  }
  // Rows 0 and 1 see no patch with a valid pixel of its own: they are the next test's.
  const std::vector<double> expected = nlm_by_sums(p, {7, 11});

  for (auto& s : ir::test::setups()) {
    const auto result = nlm_of(s, p, {7, 11});
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (expected[i] != 0) BOOST_TEST(std::abs(result[i] - expected[i]) <= tolerance(s, p));
  }
}

BOOST_AUTO_TEST_CASE(a_pixel_without_pairs_is_the_mean_of_the_nearest_valid_ones) {
  picture p = random_picture(1, shape{40}, 1, 10);
  p.valid.assign(40, 0);
  p.valid[0] = p.valid[39] = 1;

  for (auto& s : ir::test::setups()) {
    const auto result = nlm_of(s, p, {1, 9});
    BOOST_TEST(std::abs(result[4] - p.values[0]) < 1e-4);
    BOOST_TEST(std::abs(result[36] - p.values[39]) < 1e-4);
    BOOST_TEST(result[20] == 0);  // none within reach
  }
}

BOOST_AUTO_TEST_CASE(a_constant_stays_constant) {
  picture p = random_picture(3, {20, 30}, 25, 11);
  std::fill(p.values.begin(), p.values.end(), 77.0);
  for (auto& s : ir::test::setups())
    BOOST_TEST(most_apart(nlm_of(s, p, {}), p.values) <= 77 * 1e3 * epsilon(s.type));
}

BOOST_AUTO_TEST_CASE(adding_a_constant_commutes) {
  const picture p = random_picture(1, {30, 40}, 10, 12);
  picture brighter = p;
  for (double& v : brighter.values) v += 1000;
  for (auto& s : ir::test::setups()) {
    auto expected = nlm_of(s, p, {});
    for (double& v : expected) v += 1000;
    BOOST_TEST(most_apart(nlm_of(s, brighter, {}), expected) <= 1100 * 1e3 * epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(a_mirrored_image_gives_the_mirrored_result) {
  const picture p = random_picture(1, {30, 41}, 10, 13);
  picture mirror = p;
  mirror.values = mirrored_rows(p, p.values);
  for (auto& s : ir::test::setups())
    BOOST_TEST(most_apart(mirrored_rows(p, nlm_of(s, mirror, {})), nlm_of(s, p, {})) <=
               110 * 1e3 * epsilon(s.type));
}

BOOST_AUTO_TEST_CASE(sigma_zero_gives_the_input) {
  picture p = random_picture(1, {12, 14}, 10, 14);
  p.sigma = 0;
  for (auto& s : ir::test::setups())
    BOOST_TEST(most_apart(nlm_of(s, p, {}), p.values) <= 200 * epsilon(s.type));
}

BOOST_AUTO_TEST_CASE(patches_that_differ_by_less_than_the_noise_are_averaged) {
  picture p = random_picture(1, {16, 16}, 1, 15);
  for (std::size_t i = 0; i < p.values.size(); ++i)
    p.values[i] = (i + i / 16) % 2 == 0 ? 9.5 : 10.5;
  // Everywhere d2 <= 1 < 2 sigma^2: the plain mean of a 5 x 5 window, 13 of one and 12 of the
  // other.
  for (auto& s : ir::test::setups()) {
    const auto result = nlm_of(s, p, {3, 5});
    BOOST_TEST(std::abs(result[5 * 16 + 5] - (13 * 9.5 + 12 * 10.5) / 25) < 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(slabs_give_the_bits_of_the_whole) {
  for (const shape& n : {shape{90, 280}, shape{25, 12, 13}, shape{400}}) {
    picture p = random_picture(2, n, 10, 16);
    for (const bool masked : {false, true}) {
      if (masked)
        for (index_t i = 0; i < p.pixels(); ++i) p.valid.push_back(i % 13 != 3);
      for (auto& s : ir::test::setups())
        for (const nlm_options& o : {nlm_options{3, 5}, {7, 5}, {9, 3}})
          BOOST_TEST(most_apart(nlm_of(s, p, o, 3), nlm_of(s, p, o)) == 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits) {
  const picture p = random_picture(1, {150, 400}, 10, 17);
  const int before = ir::threads();
  for (auto& s : ir::test::setups()) {
    ir::set_threads(1);
    const auto one = nlm_of(s, p, {5, 7});
    ir::set_threads(2);
    const auto two = nlm_of(s, p, {5, 7});
    ir::set_threads(before);
    BOOST_TEST(most_apart(one, two) == 0);
  }
}

BOOST_AUTO_TEST_CASE(the_exponential_keeps_its_error) {
  double most_plain = 0, most_fused = 0;
  for (float u = ir::detail::nlm_least_exponent; u <= 0; u += 0x1p-11F) {
    const double exact = std::exp2(static_cast<double>(u));
    most_plain = std::max(most_plain, std::abs(ir::detail::nlm_exp2<false>(u) / exact - 1));
    most_fused = std::max(most_fused, std::abs(ir::detail::nlm_exp2<true>(u) / exact - 1));
  }
  BOOST_TEST(most_plain <= 4e-6);
  BOOST_TEST(most_fused <= 4e-6);
}

BOOST_AUTO_TEST_CASE(scratch_is_what_the_plan_says) {
  const picture p = random_picture(1, {150, 300}, 10, 18);
  const auto denoiser = ir::make_nlm({});
  ir::test::setup s("cpu f32", ir::precision::f32, {});
  const index_t planned = denoiser->scratch_bytes(p.extents(), ir::dtype::f32, {});
  s.q.reserve(planned);

  nlm_of(s, p, {});

  BOOST_TEST(s.q.reserved() == planned);
}

// Asks for the end when it has heard of so many steps.
struct impatient final : ir::listener {
  std::shared_ptr<ir::cancellation> end;
  int patience = 0;
  void progress(std::string_view, index_t, index_t) override {
    if (--patience == 0) end->request(2);
  }
  void fact(std::string_view, double) override {}
};

BOOST_AUTO_TEST_CASE(a_single_tile_of_a_volume_can_be_cancelled_between_its_shifts) {
  const auto listener = std::make_shared<impatient>();
  listener->end = std::make_shared<ir::cancellation>();
  listener->patience = 3;  // loaded, some shifts, some more
  ir::queue q({}, listener->end);
  q.listen(listener);
  ir::array in(q, ir::dtype::f32, {1, 8, 32, 128}), out(q, ir::dtype::f32, {1, 8, 32, 128});
  std::fill_n(static_cast<float*>(in.get().data), in.get().extents.count(), 1.0F);

  BOOST_CHECK_THROW(ir::make_nlm({3, 7})->apply(q, {in.get(), 1.0, {}, {}}, out.get()),
                    ir::cancelled);
}

BOOST_AUTO_TEST_CASE(wrong_options_are_usage_errors) {
  for (const nlm_options& o :
       {nlm_options{4, 21}, {7, 20}, {0, 21}, {7, -1}, {7, 21, 0.0}, {7, 21, std::nan("")}})
    BOOST_CHECK_THROW(ir::make_nlm(o), ir::usage_error);
  picture p = random_picture(1, {5, 5}, 1, 19);
  p.sigma = -1;
  for (auto& s : ir::test::setups()) BOOST_CHECK_THROW(nlm_of(s, p, {}), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
