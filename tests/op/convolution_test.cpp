#include "op/convolution.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "core/error.hpp"
#include "support/operator_laws.hpp"

namespace {

using ir::boundary;

struct blur {
  std::vector<double> h;
  ir::convolution_operator A;

  blur(ir::test::setup& s, const ir::shape& n, const ir::shape& m, boundary rule)
      : h(weights(m.count())),
        A(s.q, n, ir::cref(h.data(), ir::dtype::f64, m), rule, ir::psf_sum::one, s.type) {}
  static std::vector<double> weights(ir::index_t n) {
    std::vector<double> w;
    for (ir::index_t i = 0; i < n; ++i) w.push_back(1 + static_cast<double>(i * i % 7));
    return w;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(convolution_operator)

BOOST_AUTO_TEST_CASE(laws_hold_for_every_boundary_on_odd_even_and_degenerate_sizes) {
  for (ir::test::setup& s : ir::test::setups())
    for (const boundary rule :
         {boundary::circular, boundary::zero, boundary::reflect, boundary::edge})
      BOOST_TEST_CONTEXT(s.name << ' ' << ir::name_of(rule)) {
        check_operator_laws(s, blur(s, {5, 7, 3}, {2, 3, 4}, rule).A);
        check_operator_laws(s, blur(s, {8, 9}, {3, 4}, rule).A);
        check_operator_laws(s, blur(s, {13}, {6}, rule).A);
        check_operator_laws(s, blur(s, {1, 1, 1}, {3, 1, 2}, rule).A);
        check_operator_laws(s, blur(s, {3, 6, 5}, {3, 3}, rule).A);  // three channels
      }
}

BOOST_AUTO_TEST_CASE(a_box_of_two_averages_an_element_with_the_one_after_it) {
  for (ir::test::setup& s : ir::test::setups()) {
    const std::vector<double> box{1, 1};  // centre at 1: y[i] = (x[i] + x[i + 1]) / 2
    const ir::convolution_operator A(s.q, {4}, ir::cref(box.data(), ir::dtype::f64, {2}),
                                     boundary::edge, ir::psf_sum::one, s.type);
    const auto x = ir::test::vec_of(s, A.domain(), {2, 4, 8, 16});
    ir::owned_vec y(s.q, A.range(), s.type);

    A.apply(s.q, x, y);

    BOOST_TEST(ir::test::values(s, y) == (std::vector<double>{3, 6, 12, 16}),
               boost::test_tools::tolerance(1e-6) << boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(the_norm_of_a_circular_blur_is_at_most_one) {
  ir::test::setup s("cpu", ir::precision::f64, ir::device{});

  BOOST_TEST(blur(s, {16, 16}, {3, 3}, boundary::circular).A.norm()->upper == 1,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(!blur(s, {16, 16}, {3, 3}, boundary::edge).A.norm().has_value());
}

BOOST_AUTO_TEST_CASE(a_psf_with_more_axes_than_the_data_is_a_shape_error) {
  ir::test::setup s("cpu", ir::precision::f64, ir::device{});

  BOOST_CHECK_THROW(blur(s, {8}, {3, 3}, boundary::zero), ir::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
