#include "op/convolution.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "core/error.hpp"
#include "fft/gaussian.hpp"
#include "op/registry.hpp"
#include "op/resample.hpp"
#include "support/dense_svd.hpp"
#include "support/operator_laws.hpp"
#include "support/operator_values.hpp"

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

std::shared_ptr<ir::op_spec> node(const char* name,
                                  std::vector<std::pair<std::string, ir::argument>> given) {
  const ir::op_entry& e = *ir::find_op(name);
  return e.make(ir::arguments_for(e, std::move(given)));
}

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

BOOST_AUTO_TEST_CASE(bounds_of_the_norm_hold_for_every_boundary_and_sign) {
  for (ir::test::setup& s : ir::test::setups())
    for (const boundary rule :
         {boundary::circular, boundary::zero, boundary::reflect, boundary::edge})
      for (const double shift : {0.0, -2.5, -4.0})
        for (const ir::shape& n : {ir::shape{6, 5}, ir::shape{2, 3}, ir::shape{12}}) {
          std::vector<double> h = blur::weights(n.rank() == 1 ? 5 : 15);
          for (double& v : h) v += shift;
          const ir::shape m = n.rank() == 1 ? ir::shape{5} : ir::shape{3, 5};
          const ir::convolution_operator A(s.q, n, ir::cref(h.data(), ir::dtype::f64, m), rule,
                                           ir::psf_sum::keep, s.type);
          BOOST_TEST_CONTEXT(s.name << ' ' << ir::name_of(rule) << ' ' << n << ' ' << shift)
          ir::test::check_norm_bounds(s, A);
          if (rule == boundary::circular)
            BOOST_TEST(A.norm()->upper - A.norm()->lower <= 1e-9 * A.norm()->upper);
        }
}

BOOST_AUTO_TEST_CASE(the_norm_of_a_gaussian_is_tight_for_every_boundary) {
  for (ir::test::setup& s : ir::test::setups())
    for (const char* rule : {"circular", "zero", "reflect", "edge"}) {
      const auto A = node("gaussian", {{"sigma", 1.5}, {"boundary", std::string(rule)}})
                         ->build(ir::space({9, 8}), s.type, s.q);
      BOOST_TEST_CONTEXT(s.name << ' ' << rule) {
        ir::test::check_norm_bounds(s, *A);
        BOOST_TEST(A->norm()->upper - A->norm()->lower <= 1e-3 * A->norm()->upper);
      }
    }
}

BOOST_AUTO_TEST_CASE(blur_takes_an_array_or_a_gaussian) {
  for (ir::test::setup& s : ir::test::setups()) {
    const ir::space n({2, 7, 6}, {}, 2);
    const auto box = std::make_shared<ir::loaded_array>(
        ir::loaded_array{"box.npy", {1, 1, 2}, ir::field::real, {1, 1}});
    const ir::spec_ptr gaussian = node("gaussian", {{"sigma", 1.0}});
    const auto A = node("blur", {{"psf", gaussian}})->build(n, s.type, s.q);
    const auto B = gaussian->build(n, s.type, s.q);
    const auto x = ir::test::random_vec(s, n, 3);

    ir::test::check_operator_laws(s, *A);
    ir::test::check_close(s, ir::test::applied(s, *A, ir::test::values(s, x)),
                          ir::test::applied(s, *B, ir::test::values(s, x)));
    ir::test::check_values(s, *node("blur", {{"psf", box}})->build(ir::space({4}), s.type, s.q),
                           {2, 4, 8, 16}, {3, 6, 12, 16});
    BOOST_CHECK_THROW(node("blur", {{"psf", ir::spec_ptr(node("blur", {{"psf", box}}))}}),
                      ir::usage_error);
    BOOST_CHECK_THROW(node("gaussian", {{"sigma", -1.0}}), ir::usage_error);
    BOOST_CHECK_THROW(node("gaussian", {{"sigma", 1.0}})->range_of(n | n), ir::shape_error);
  }
}

BOOST_AUTO_TEST_CASE(a_gaussian_applied_directly_is_that_by_ffts) {
  for (ir::test::setup& s : ir::test::setups())
    for (const char* rule : {"circular", "zero", "reflect", "edge"})
      for (const double sigma : {0.7, 1.5, 5.0}) {  // the last one is long: FFTs
        const ir::space n({3, 40, 50}, {}, 2);
        const std::vector<double> sigmas{sigma, sigma + 0.5};
        const ir::shape m = ir::gaussian_psf_extents(2, sigmas);
        const auto h = ir::gaussian_psf(m, sigmas);
        const ir::convolution_operator F(s.q, n, ir::cref(h.data(), ir::dtype::f64, m),
                                         ir::boundary_named(rule), ir::psf_sum::one, s.type);
        const auto A = node("gaussian", {{"sigma", sigmas}, {"boundary", std::string(rule)}})
                           ->build(n, s.type, s.q);
        const auto x = ir::test::values(s, ir::test::random_vec(s, n, 3));

        BOOST_TEST_CONTEXT(s.name << ' ' << rule << ' ' << sigma)
        ir::test::check_close(s, ir::test::applied(s, *A, x), ir::test::applied(s, F, x));
        ir::test::check_operator_laws(s, *A);
        BOOST_TEST(A->properties().fourier_diagonal == F.properties().fourier_diagonal);
      }
}

BOOST_AUTO_TEST_CASE(a_gaussian_turns_from_x_to_y) {
  for (ir::test::setup& s : ir::test::setups()) {
    const ir::space n({24, 24});
    const auto turned = [&](std::vector<double> sigma, double angle) {
      return node("gaussian", {{"sigma", std::move(sigma)}, {"angle", angle}})
          ->build(n, s.type, s.q);
    };
    std::vector<double> point(24 * 24, 0.0);
    point[12 * 24 + 12] = 1;
    const auto at = [](const std::vector<double>& image, int y, int x) {
      return image[static_cast<std::size_t>((12 + y) * 24 + 12 + x)];
    };

    const auto quarter = ir::test::applied(s, *turned({1.5, 3}, 90), point);
    const auto straight = ir::test::applied(s, *turned({3, 1.5}, 0), point);
    const auto slanted = ir::test::applied(s, *turned({1, 3}, 45), point);

    double most = 0, sum = 0;
    for (std::size_t i = 0; i < point.size(); ++i) {
      most = std::max(most, std::abs(quarter[i] - straight[i]));
      sum += slanted[i];
    }
    BOOST_TEST(most < 1e-4);
    BOOST_TEST(std::abs(sum - 1) < 1e-3);
    BOOST_TEST(at(slanted, 3, 3) > 10 * at(slanted, 3, -3));  // long from the upper left downwards
    BOOST_TEST(std::abs(at(slanted, 2, 2) - at(slanted, -2, -2)) < 1e-6);
    ir::test::check_operator_laws(s, *turned({1, 3}, 30));
    BOOST_CHECK_THROW(turned({2}, 30), ir::usage_error);
    BOOST_CHECK_THROW(node("gaussian", {{"sigma", std::vector{1.0, 2.0}}, {"angle", 30.0}})
                          ->range_of(ir::space({5, 5, 5})),
                      ir::error);
  }
}

BOOST_AUTO_TEST_CASE(a_psf_with_more_axes_than_the_data_is_a_shape_error) {
  ir::test::setup s("cpu", ir::precision::f64, ir::device{});

  BOOST_CHECK_THROW(blur(s, {8}, {3, 3}, boundary::zero), ir::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
