#include "op/linear_operator.hpp"

#include <boost/test/unit_test.hpp>

#include "support/dense_operator.hpp"
#include "support/operator_laws.hpp"

namespace {

using ir::field;
using ir::precision;
using ir::space;
using ir::test::setup;
using ir::test::vec_of;

const auto each = boost::test_tools::per_element();

/// Twice x, with tables of one precision; for the checks of the base class.
class tabled final : public ir::linear_operator {
 public:
  tabled(precision p, ir::device where)
      : linear_operator(space({4}), space({4}), {}, ir::placement{p, where}) {}

 private:
  void do_apply(ir::queue& q, ir::cvec x, ir::vec y, ir::mode) const override {
    ir::axpby(q, 2, x, 0, y);
  }
  void do_adjoint(ir::queue& q, ir::cvec y, ir::vec x, ir::mode how) const override {
    do_apply(q, y, x, how);
  }
  std::optional<ir::bound> do_norm() const override { return ir::bound{0, 3, "table"}; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(linear_operator)

BOOST_AUTO_TEST_CASE(laws_hold_for_complex_and_ragged_operators) {
  for (setup& s : ir::test::setups()) {
    for (const ir::index_t n : {1, 2, 9}) BOOST_TEST_CONTEXT(s.name << " complex " << n)
    ir::test::check_operator_laws(s, *ir::test::complex_band(n));
    for (const auto& n : {ir::shape{1, 1}, ir::shape{4, 3}, ir::shape{5, 7}})
      BOOST_TEST_CONTEXT(s.name << " ragged " << n)
    ir::test::check_operator_laws(s, *ir::test::ragged_parts(n[0], n[1]));
  }
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : ir::test::setups()) {
    const auto A = ir::test::complex_band(2);
    const auto x = vec_of(s, A->domain(), {1, 2, 3, 4});
    ir::owned_vec y(s.q, A->range(), s.type);

    A->apply(s.q, x, y);

    // 3 (1 + 2j) + j (3 + 4j) = -1 + 9j;  3 (3 + 4j) - j (1 + 2j) = 11 + 11j
    const std::vector<double> expected{-1, 9, 11, 11};
    BOOST_TEST(ir::test::values(s, y) == expected, each);
  }
}

BOOST_AUTO_TEST_CASE(the_normal_operator_takes_a_weight) {
  for (setup& s : ir::test::setups()) {
    const auto A = ir::test::ragged_parts(1, 2);  // x -> x | x0 + j x1 | x / 2
    const auto x = vec_of(s, A->domain(), {1, 10});
    const auto w = vec_of(s, A->range(), {1, 2, 3, 3, 4, 8});
    ir::owned_vec z(s.q, A->domain(), s.type);

    A->normal(s.q, x, z, w);

    const std::vector<double> expected{1 + 3 + 1, 10 * (2 + 3 + 2)};
    BOOST_TEST(ir::test::values(s, z) == expected, each);
  }
}

BOOST_AUTO_TEST_CASE(precision_device_and_overlap_are_checked) {
  for (setup& s : ir::test::setups()) {
    const auto other = s.type == precision::f32 ? precision::f64 : precision::f32;
    const tabled A(s.type, s.q.where()), B(other, s.q.where()),
        C(s.type, ir::device{ir::device::cuda, 77});
    ir::owned_vec x(s.q, space({4}), s.type), y(s.q, space({4}), s.type);
    ir::owned_vec z(s.q, space({4}), other);

    BOOST_CHECK_NO_THROW(A.apply(s.q, x, y));
    BOOST_CHECK_THROW(A.apply(s.q, x, x), ir::usage_error);
    BOOST_CHECK_THROW(A.apply(s.q, x, z), ir::usage_error);
    BOOST_CHECK_THROW(B.apply(s.q, x, y), ir::usage_error);
    BOOST_CHECK_THROW(C.apply(s.q, x, y), ir::usage_error);
  }
}

BOOST_AUTO_TEST_CASE(a_learned_norm_only_tightens) {
  const tabled A(precision::f32, {});
  const auto dense = ir::test::complex_band(3);

  A.learn_norm({1.9, 5, "estimate"});
  BOOST_TEST(A.norm()->lower == 1.9);
  BOOST_TEST(A.norm()->upper == 3);
  BOOST_TEST(A.norm()->how == "table");
  A.learn_norm({1, 2.1, "better"});
  A.learn_norm({0, 9, "worse"});

  BOOST_TEST(A.norm()->lower == 1.9);
  BOOST_TEST(A.norm()->upper == 2.1);
  BOOST_TEST(A.norm()->how == "better");
  BOOST_TEST(!dense->norm().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
