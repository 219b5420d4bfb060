#include "op/wavelet.hpp"

#include <boost/test/unit_test.hpp>

#include "core/error.hpp"
#include "op/daubechies.hpp"
#include "op/registry.hpp"
#include "support/dense_svd.hpp"
#include "support/operator_laws.hpp"
#include "support/operator_values.hpp"

namespace {

using ir::space;
using ir::test::check_values;
using ir::test::setup;

/// Asserts A^H A x = x.
void check_isometry(setup& s, const ir::linear_operator& A) {
  const auto x = ir::test::random_vec(s, A.domain(), 4);
  ir::owned_vec y(s.q, A.range(), s.type), back(s.q, A.domain(), s.type);

  A.apply(s.q, x, y);
  A.adjoint(s.q, y, back);

  ir::test::check_close(s, ir::test::values(s, back), ir::test::values(s, x), 256);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wavelet)

BOOST_AUTO_TEST_CASE(laws_hold_and_the_transform_is_unitary) {
  for (setup& s : ir::test::setups())
    for (const char* name : {"haar", "db2", "db4", "db10"})
      for (const space& n : {space({8}), space({4, 8}), space({8, 1}), space({4, 4, 8}),
                             space({3, 4, 8}, {}, 2), space({1})})
        BOOST_TEST_CONTEXT(s.name << ' ' << name << ' ' << n) {
          const ir::wavelet_transform W(n, name, 2);
          ir::test::check_operator_laws(s, W);
          check_isometry(s, W);
          BOOST_TEST(W.norm()->upper == 1);
        }
}

BOOST_AUTO_TEST_CASE(the_undecimated_transform_keeps_lengths_on_any_extents) {
  for (setup& s : ir::test::setups())
    for (const char* name : {"haar", "db3"})
      for (const space& n : {space({7}), space({5, 8}), space({3, 1}), space({3, 4, 5}),
                             space({2, 4, 5}, {}, 2), space({1})})
        BOOST_TEST_CONTEXT(s.name << ' ' << name << ' ' << n) {
          const ir::undecimated_wavelet W(n, name, 3);
          ir::test::check_operator_laws(s, W);
          check_isometry(s, W);
          BOOST_TEST(W.norm()->upper == 1);
        }
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : ir::test::setups()) {
    const double r = std::sqrt(2.0);

    check_values(s, ir::wavelet_transform(space({4}), "haar", 1), {1, 3, 5, 9},
                 {4 / r, 14 / r, -2 / r, -4 / r});
    check_values(s, ir::wavelet_transform(space({4}), "haar", 2), {1, 3, 5, 9},
                 {9, -5, -2 / r, -4 / r});
    check_values(s, ir::wavelet_transform(space({2, 2}), "haar", 1), {1, 3, 5, 9}, {9, -3, -5, 1});
    // One level: halves of the difference and of the sum of neighbours.
    check_values(s, ir::undecimated_wavelet(space({3}), "haar", 1), {2, 4, 8},
                 {-1, -2, 3, 3, 6, 5});
  }
}

BOOST_AUTO_TEST_CASE(filters_are_those_of_daubechies) {
  const double root = std::sqrt(3.0), below = 4 * std::sqrt(2.0);
  const std::vector<double> closed{(1 + root) / below, (3 + root) / below, (3 - root) / below,
                                   (1 - root) / below};
  const std::vector<double> db2 = ir::daubechies(2);

  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::abs(db2[i] - closed[i]) < 1e-14);
  for (int p = 1; p <= 10; ++p) {
    const auto h = ir::daubechies(p);
    const auto g = ir::mirror_filter(h);
    BOOST_TEST_CONTEXT("db" << p) for (std::size_t shift = 0; shift < h.size(); shift += 2) {
      double own = 0, cross = 0;
      for (std::size_t m = 0; m + shift < h.size(); ++m) {
        own += h[m] * h[m + shift];
        cross += h[m + shift] * g[m];
      }
      BOOST_TEST(std::abs(own - (shift == 0 ? 1 : 0)) < 1e-12);
      BOOST_TEST(std::abs(cross) < 1e-12);
    }
    double moment = 0;  // the last one that vanishes
    for (std::size_t m = 0; m < g.size(); ++m)
      moment += g[m] * std::pow(static_cast<double>(m) / static_cast<double>(g.size()), p - 1);
    BOOST_TEST(std::abs(moment) < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_an_error) {
  const auto spec = [](const char* name, double levels) {
    const ir::op_entry& e = *ir::find_op(name);
    return e.make(ir::arguments_for(e, {{"name", std::string("db2")}, {"levels", levels}}));
  };

  BOOST_CHECK_THROW(ir::wavelet_transform(space({6}), "haar", 2), ir::shape_error);
  BOOST_CHECK_THROW(ir::wavelet_transform(space({8}), "haar", 0), ir::usage_error);
  BOOST_CHECK_THROW(ir::wavelet_transform(space({8}), "db11", 1), ir::usage_error);
  BOOST_CHECK_THROW(ir::wavelet_transform(space({8}), "sym2", 1), ir::usage_error);
  BOOST_CHECK_THROW(ir::wavelet_transform(space({8}, ir::field::complex), "db2", 1),
                    ir::shape_error);
  BOOST_TEST(spec("undecimated", 2)->range_of(space({5, 6})) == space({7, 5, 6}, {}, 2));
  BOOST_TEST((spec("undecimated", 2)->domain_of(space({7, 5, 6}, {}, 2)) == space({5, 6})));
  BOOST_CHECK_THROW(spec("undecimated", 2)->domain_of(space({6, 5, 6}, {}, 2)), ir::shape_error);
  BOOST_CHECK_THROW(spec("wavelet", 2)->range_of(space({6})), ir::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
