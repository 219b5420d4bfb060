#include "op/fourier.hpp"

#include <boost/test/unit_test.hpp>

#include "core/error.hpp"
#include "support/dense_svd.hpp"
#include "support/operator_laws.hpp"
#include "support/operator_values.hpp"

namespace {

using ir::field;
using ir::space;
using ir::test::check_values;
using ir::test::setup;

}  // namespace

BOOST_AUTO_TEST_SUITE(fourier)

BOOST_AUTO_TEST_CASE(laws_hold_and_lengths_are_kept) {
  for (setup& s : ir::test::setups())
    for (const space& n :
         {space({8}), space({7}), space({1}), space({2}), space({5, 6}), space({6, 5}),
          space({3, 4, 5}), space({2, 3, 4}, {}, 2), space({4, 6}, field::complex),
          space({5}, field::complex), space({3, 4, 2}, field::complex, 2)}) {
      const ir::fourier F(n, s.type, s.q.where());
      BOOST_TEST_CONTEXT(s.name << " fft " << n) {
        ir::test::check_operator_laws(s, F);
        ir::test::check_norm_bounds(s, F);
        const auto all = ir::test::singular_values(ir::test::columns_of(s, F));
        BOOST_TEST(std::abs(all.back() - 1) < 32 * ir::test::epsilon(s.type));
      }
      if (n.blocks()[0].of == field::complex) continue;
      const ir::cosine_transform C(s.q, n, s.type);
      BOOST_TEST_CONTEXT(s.name << " dct " << n) {
        ir::test::check_operator_laws(s, C);
        const auto all = ir::test::singular_values(ir::test::columns_of(s, C));
        BOOST_TEST(std::abs(all.front() - 1) < 32 * ir::test::epsilon(s.type));
        BOOST_TEST(std::abs(all.back() - 1) < 32 * ir::test::epsilon(s.type));
      }
    }
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : ir::test::setups()) {
    const double r = std::sqrt(2.0);
    const auto fft = [&](const space& n, const std::vector<double>& x,
                         const std::vector<double>& y) {
      check_values(s, ir::fourier(n, s.type, s.q.where()), x, y);
    };

    fft(space({4}), {1, 2, 3, 4}, {5, 0, -r, r, -1, 0});  // 10, -2 + 2i (twice), -2, all over 2
    fft(space({4}, field::complex), {1, 0, 2, 0, 3, 0, 4, 0}, {5, 0, -1, 1, -1, 0, -1, -1});
    fft(space({2, 2}), {1, 2, 3, 4}, {5, 0, -1, 0, -2, 0, 0, 0});
    // c_1 = sqrt(1/2) ... of two elements: sum and difference over sqrt 2
    check_values(s, ir::cosine_transform(s.q, space({2}), s.type), {1, 3}, {4 / r, -2 / r});
    check_values(s, ir::cosine_transform(s.q, space({2, 2}), s.type), {1, 2, 3, 4}, {5, -1, -2, 0});
  }
}

BOOST_AUTO_TEST_CASE(spaces_that_do_not_fit_are_errors) {
  setup s("f64", ir::precision::f64, {});
  const space n({4});

  BOOST_CHECK_THROW(ir::fourier(n | n, s.type, {}), ir::shape_error);
  BOOST_CHECK_THROW(ir::cosine_transform(s.q, space({4}, field::complex), s.type), ir::shape_error);
  BOOST_CHECK_THROW(ir::cosine_transform(s.q, space({2, 2, 2, 2}), s.type), ir::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
