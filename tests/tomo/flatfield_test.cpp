// The logarithm against libm, the engine against its formula, and the layouts of its lines.
#include "tomo/flatfield.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/row_runner.hpp"
#include "tomo/flatfield_kernel.hpp"

namespace {

using ir::index_t;

struct log_of {
  const float* x;
  float* y;
  void operator()(index_t i) const noexcept { y[i] = ir::kernel::fast_log(x[i]); }
};

std::vector<float> run(const ir::flatfield& engine, const std::vector<std::uint16_t>& in,
                       const ir::flatfield::placement& at, index_t nx) {
  ir::queue q;
  std::vector<float> out(in.size());
  const ir::shape n{static_cast<index_t>(in.size()) / nx, nx};
  engine.run(q, ir::cref(in.data(), ir::dtype::u16, n), ir::ref(out.data(), ir::dtype::f32, n), at);
  return out;
}

BOOST_AUTO_TEST_CASE(the_logarithm_is_within_2_ulp) {
  std::vector<float> x;
  for (float v = 1e-6f; v < 16; v = std::nextafter(v * 1.000003f, 20.0f)) x.push_back(v);
  for (int k = -4000; k <= 4000; ++k) x.push_back(1 + static_cast<float>(k) * 0x1p-24f);
  std::vector<float> y(x.size());
  const index_t n = static_cast<index_t>(x.size());

  ir::run_row<1>(log_of{x.data(), y.data()}, 0, 0, 0, n);

  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double exact = std::log(static_cast<double>(x[i]));
    const auto rounded = std::abs(static_cast<float>(exact));
    const double ulp = std::max(0x1p-149f, std::nextafter(rounded, 1e9f) - rounded);
    worst = std::max(worst, std::abs(y[i] - exact) / ulp);
  }
  BOOST_TEST_MESSAGE("worst error " << worst << " ulp");
  BOOST_TEST(worst < 2);
}

BOOST_AUTO_TEST_CASE(lines_find_their_line_of_the_references) {
  const std::vector<double> dark{0, 0, 0, 0}, flat{1, 2, 4, 8};  // 2 lines of 2
  ir::flatfield_options o;
  o.log = false;
  ir::queue q;
  const ir::flatfield engine(q, dark, flat, 2, 2, ir::precision::f32, o);
  const std::vector<std::uint16_t> ones(8, 8);

  const auto views = run(engine, ones, {1, 1, -1}, 2);
  const auto sinogram = run(engine, ones, {0, 1, 1}, 2);
  const auto volume = run(engine, ones, {0, 2, -1}, 2);

  BOOST_TEST((views == std::vector<float>{2, 1, 8, 4, 2, 1, 8, 4}));
  BOOST_TEST((sinogram == std::vector<float>{2, 1, 2, 1, 2, 1, 2, 1}));
  BOOST_TEST((volume == std::vector<float>{8, 4, 8, 4, 2, 1, 2, 1}));
}

BOOST_AUTO_TEST_CASE(dead_pixels_take_the_line_between_their_neighbours) {
  const std::vector<double> dark(6, 1), flat{1, 11, 0, std::nan(""), 11, 11};
  ir::flatfield_options o;
  o.log = false;
  ir::queue q;
  const ir::flatfield engine(q, dark, flat, 1, 6, ir::precision::f32, o);

  const auto t = run(engine, {9, 2, 9, 9, 5, 11}, {}, 6);

  BOOST_TEST(engine.dead() == 3);
  const float expected[] = {0.1f, 0.1f, 0.2f, 0.3f, 0.4f, 1.0f};
  for (int i = 0; i < 6; ++i) BOOST_TEST(t[i] == expected[i], boost::test_tools::tolerance(1e-6f));
}

BOOST_AUTO_TEST_CASE(a_median_leaves_out_what_a_mean_takes_in) {
  for (const bool median : {false, true}) {
    using how = ir::combined_image::how;
    ir::combined_image c(2, median ? how::median : how::mean);
    c.add(0, 0, {1, 1});
    c.add(1, 0, {2, 3});
    c.add(2, 0, {9});
    c.add(2, 1, {5});
    c.add(3, 0, {4, std::nan("")});

    const auto r = c.result();

    BOOST_TEST(r[0] == (median ? 3.0 : 4.0));
    BOOST_TEST(std::isnan(r[1]));
  }
}

BOOST_AUTO_TEST_CASE(the_policy_error_names_what_it_found) {
  ir::flatfield_options o;
  o.bad = ir::bad_values::error;
  ir::queue q;
  BOOST_CHECK_THROW(ir::flatfield(q, {0, 0}, {1, 0}, 1, 2, ir::precision::f32, o), ir::data_error);
  const ir::flatfield engine(q, {0, 0}, {1, 1}, 1, 2, ir::precision::f32, o);
  BOOST_CHECK_THROW(run(engine, {0, 1}, {}, 2), ir::data_error);
}

}  // namespace
