// The logarithm against libm, the loops against the kernel, the engine against its formula, and the
// layouts of its lines.
#include "tomo/flatfield.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "tomo/flatfield_lines.hpp"

namespace {

using ir::index_t;

// Units in the last place of f32 by which -p is off log(x), the most of all.
double worst_error(const std::vector<float>& x, const std::vector<float>& p) {
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double exact = std::log(static_cast<double>(x[i]));
    const auto rounded = std::abs(static_cast<float>(exact));
    const double ulp = std::max(0x1p-149f, std::nextafter(rounded, 1e9f) - rounded);
    worst = std::max(worst, std::abs(-p[i] - exact) / ulp);
  }
  return worst;
}

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
  const std::size_t n = x.size();
  std::vector<float> kernel, engine(n);

  for (const float v : x) kernel.push_back(-ir::kernel::fast_log(v));
  ir::queue q;
  const std::vector<double> dark(n, 0.0), flat(n, 1.0);
  const ir::shape line{1, static_cast<index_t>(n)};
  const ir::flatfield all(q, dark, flat, 1, line[1], ir::precision::f32, {.least = 1e-7});
  all.run(q, ir::cref(x.data(), ir::dtype::f32, line), ir::ref(engine.data(), ir::dtype::f32, line),
          {});

  BOOST_TEST_MESSAGE("worst errors " << worst_error(x, kernel) << " and " << worst_error(x, engine)
                                     << " ulp");
  BOOST_TEST(worst_error(x, kernel) < 2);
  BOOST_TEST(worst_error(x, engine) < 2);
}

BOOST_AUTO_TEST_CASE(every_level_counts_and_marks_what_is_no_number) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> kinds{1, std::nanf(""), inf, -inf, 0, -3, 0.5f, 1e-3f};
  for (const bool log : {true, false}) {
    std::vector<float> in, out;
    for (index_t i = 0; i < 1003; ++i) in.push_back(kinds[static_cast<std::size_t>(i * 7 % 8)]);
    out.resize(in.size());
    const std::vector<float> dark(in.size(), 0), gain(in.size(), 1);
    const ir::kernel::flatfield_line<float, float> line{in.data(),  dark.data(), gain.data(),
                                                        out.data(), 0.01f,       log};

    const auto counted = ir::detail::run_line(line, std::ssize(in));

    index_t unusable = 0, low = 0;
    for (index_t i = 0; i < std::ssize(in); ++i) {
      const auto k = static_cast<std::size_t>(i);
      std::vector<float> expected(in.size());
      const double code = ir::kernel::flatfield_line<float, float>{
          in.data(), dark.data(), gain.data(), expected.data(), 0.01f, log}(i);
      unusable += code >= ir::kernel::unusable_value;
      low += code == 1;
      BOOST_TEST(std::isnan(out[k]) == std::isnan(expected[k]));
      if (!std::isnan(out[k]))
        BOOST_TEST(out[k] == expected[k], boost::test_tools::tolerance(3e-7f));
      BOOST_TEST(!std::signbit(out[k] == 0 ? out[k] : 0.0f));
    }
    BOOST_TEST(counted.unusable == unusable);
    BOOST_TEST(counted.low == low);
  }
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
