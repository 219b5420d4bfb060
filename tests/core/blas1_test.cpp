#include "core/blas1.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "support/setup.hpp"

namespace {

using ir::field;
using ir::space;
using ir::test::setup;
using ir::test::vec_of;

const space ragged = space({2}) | space({1}, field::complex);
const auto each = boost::test_tools::per_element();

std::vector<double> list(std::initializer_list<double> v) { return v; }

}  // namespace

BOOST_AUTO_TEST_SUITE(blas1)

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : ir::test::setups()) {
    const auto x = vec_of(s, ragged, {1, 2, 3, 4});
    auto y = vec_of(s, ragged, {10, 20, 30, 40});

    ir::axpby(s.q, 2, x, -1, y);
    BOOST_TEST(ir::test::values(s, y) == list({-8, -16, -24, -32}), each);
    ir::scale(s.q, -0.5, y);
    BOOST_TEST(ir::test::values(s, y) == list({4, 8, 12, 16}), each);
    ir::multiply(s.q, x, y);
    BOOST_TEST(ir::test::values(s, y) == list({4, 16, 36, 64}), each);
    ir::copy(s.q, x, y);
    BOOST_TEST(ir::test::values(s, y) == list({1, 2, 3, 4}), each);
    ir::fill(s.q, 7, y);
    BOOST_TEST(ir::test::values(s, y) == list({7, 7, 7, 0}), each);
    BOOST_TEST(ir::inner_product().dot(s.q, y, y) == 147);  // the gaps stayed 0
  }
}

BOOST_AUTO_TEST_CASE(axpby_with_b_zero_does_not_read_y) {
  for (setup& s : ir::test::setups()) {
    const auto x = vec_of(s, space({2}), {1, 2});
    auto y = vec_of(s, space({2}), {NAN, NAN});

    ir::axpby(s.q, 3, x, 0, y);

    BOOST_TEST(ir::test::values(s, y) == list({3, 6}), each);
  }
}

BOOST_AUTO_TEST_CASE(inner_products_by_hand) {
  for (setup& s : ir::test::setups()) {
    const ir::inner_product product;
    const auto x = vec_of(s, ragged, {1, 2, 3, 4}), y = vec_of(s, ragged, {5, 6, 7, 8});
    double out[2];

    const std::pair<ir::cvec, ir::cvec> pairs[]{{x, y}, {y, y}};
    product.dots(s.q, pairs, out);

    BOOST_TEST(product.dot(s.q, x, y) == 70);  // Re (3 - 4i)(7 + 8i) = 53 in the last block
    BOOST_TEST(product.norm(s.q, x) == std::sqrt(30.0));
    BOOST_TEST(out[0] == 70);
    BOOST_TEST(out[1] == 174);
  }
}

BOOST_AUTO_TEST_CASE(fused_forms_equal_their_parts) {
  for (setup& s : ir::test::setups()) {
    const ir::inner_product product;
    const space n({33, 41});
    const auto p = ir::test::random_vec(s, n, 1), q = ir::test::random_vec(s, n, 2);
    auto x = ir::test::random_vec(s, n, 3), r = ir::test::random_vec(s, n, 4);
    auto x2 = ir::test::random_vec(s, n, 3), r2 = ir::test::random_vec(s, n, 4);

    ir::axpby(s.q, 0.3, p, 1, x2);
    ir::axpby(s.q, -0.3, q, 1, r2);
    const double rr = product.descend_square(s.q, 0.3, p, q, x, r);

    BOOST_TEST(ir::test::values(s, x) == ir::test::values(s, x2), each);
    BOOST_TEST(ir::test::values(s, r) == ir::test::values(s, r2), each);
    BOOST_TEST(rr == product.dot(s.q, r2, r2));

    ir::axpby(s.q, 2, p, -1, r2);
    BOOST_TEST(product.axpby_square(s.q, 2, p, -1, r) == product.dot(s.q, r2, r2));
    BOOST_TEST(ir::test::values(s, r) == ir::test::values(s, r2), each);
  }
}

BOOST_AUTO_TEST_CASE(sums_are_accurate_where_the_terms_are_single_precision) {
  for (setup& s : ir::test::setups()) {
    const space n({3000000});
    ir::owned_vec x(s.q, n, s.type);
    ir::fill(s.q, 0.1, x);
    const double tenth = s.type == ir::precision::f32 ? double(0.1f) : 0.1;

    const double sum = ir::inner_product().dot(s.q, x, x);

    BOOST_TEST(std::abs(sum / (3e6 * tenth * tenth) - 1) < 1e-13);
  }
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const int before = ir::threads();
  for (setup& s : ir::test::setups()) {
    const space n({100003});
    const auto x = ir::test::random_vec(s, n, 1), y = ir::test::random_vec(s, n, 2);
    ir::set_threads(1);
    const double one = ir::inner_product().dot(s.q, x, y);
    for (const int t : {2, 5}) {
      ir::set_threads(t);

      BOOST_TEST(ir::inner_product().dot(s.q, x, y) == one);
    }
  }
  ir::set_threads(before);
}

BOOST_AUTO_TEST_CASE(other_spaces_and_precisions_are_refused) {
  for (setup& s : ir::test::setups()) {
    const auto other = s.type == ir::precision::f32 ? ir::precision::f64 : ir::precision::f32;
    ir::owned_vec x(s.q, space({4}), s.type), y(s.q, space({5}), s.type);
    const ir::owned_vec z(s.q, space({4}), other);

    BOOST_CHECK_THROW(ir::axpby(s.q, 1, x, 1, y), ir::shape_error);
    BOOST_CHECK_THROW(ir::axpby(s.q, 1, z, 1, x), ir::usage_error);
    BOOST_CHECK_THROW(ir::inner_product().dot(s.q, x, y), ir::shape_error);
  }
}

BOOST_AUTO_TEST_CASE(a_distributed_product_replaces_the_reduction_alone) {
  struct twice final : ir::inner_product {
    void do_reduce(std::span<double> sums) const override {
      for (double& v : sums) v *= 2;
    }
  };
  for (setup& s : ir::test::setups()) {
    const auto x = vec_of(s, space({2}), {1, 2});

    BOOST_TEST(twice().dot(s.q, x, x) == 10);
  }
}

BOOST_AUTO_TEST_SUITE_END()
