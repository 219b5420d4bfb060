#include "fn/tv_dual.hpp"

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <vector>

#include "core/error.hpp"
#include "support/noise_image.hpp"
#include "support/setup.hpp"

namespace {

using ir::index_t;
using ir::shape;

std::vector<double> result_of(ir::test::setup& s, const shape& n,
                              const std::vector<index_t>& parts) {
  const ir::array f = ir::test::uploaded(s, n, ir::test::noisy_steps(n, 5));
  const auto dual = ir::tv_dual::make(s.q, {f.get(), 12, {}, {}, ir::tv_kind::isotropic});
  for (const index_t count : parts) dual->iterate(s.q, count);
  ir::array x(s.q, ir::real_type(s.type), n);
  dual->evaluate(s.q, 0, dual->planes());
  dual->result(s.q, 0, dual->planes(), x.get());
  return ir::test::downloaded(s, x.get());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tv_dual)

// Passes of several iterations, whose trapezoids and triangles meet at seams, do what single
// iterations over the whole image do: to the bit.
BOOST_AUTO_TEST_CASE(iterations_together_are_iterations_one_by_one) {
  for (ir::test::setup& s : ir::test::setups())
    for (const shape& n : {shape{1, 700, 300}, shape{3, 300, 260}, shape{1, 9, 100, 90},
                           shape{1, 70, 3, 5}, shape{2, 5000}})
      BOOST_TEST_CONTEXT(s.name << ' ' << to_string(n))
  BOOST_TEST(result_of(s, n, {19}) == result_of(s, n, std::vector<index_t>(19, 1)),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_gap_falls_to_rounding) {
  for (ir::test::setup& s : ir::test::setups()) {
    const shape n{1, 24, 31};
    const ir::array f = ir::test::uploaded(s, n, ir::test::noisy_steps(n, 5));
    const auto dual = ir::tv_dual::make(s.q, {f.get(), 12, {}, {}, ir::tv_kind::isotropic});
    const double least = s.type == ir::precision::f64 ? 1e-9 : 1e-5;

    const ir::tv_outcome o = ir::tv_solve(s.q, *dual, {least, 20000});

    BOOST_TEST(o.energy.relative() <= least);
    BOOST_TEST(o.iterations < 20000);
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_solved_is_refused) {
  ir::queue q;
  const std::vector<float> f(12, 1), map(12, 0);
  const std::vector<std::uint8_t> none(12, 0);
  const shape n{1, 3, 4}, m{3, 4};
  const ir::cref data(f.data(), ir::dtype::f32, n), maps(map.data(), ir::dtype::f32, m),
      mask(none.data(), ir::dtype::u8, m);
  const auto iso = ir::tv_kind::isotropic;
  BOOST_CHECK_THROW(ir::tv_dual::make(q, {data, 0, {}, {}, iso}), ir::usage_error);
  BOOST_CHECK_THROW(ir::tv_dual::make(q, {data, 1, maps, {}, iso}), ir::data_error);
  BOOST_CHECK_THROW(ir::tv_dual::make(q, {data, 1, {}, mask, iso}), ir::data_error);
  BOOST_CHECK_THROW(ir::tv_dual::make(q, {data, 1, data, {}, iso}), ir::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
