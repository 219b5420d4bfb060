#include "op/kronecker.hpp"

#include <boost/test/unit_test.hpp>

#include "op/registry.hpp"
#include "support/dense_svd.hpp"
#include "support/named_arrays.hpp"
#include "support/operator_values.hpp"

namespace {

using ir::space;
using ir::test::setup;

std::shared_ptr<ir::op_spec> call(const char* name,
                                  std::vector<std::pair<std::string, ir::argument>> given) {
  const ir::op_entry& e = *ir::find_op(name);
  return e.make(ir::arguments_for(e, std::move(given)));
}
ir::spec_ptr matrix(const char* name) {
  return call("matrix", {{"matrix", ir::test::named_array(name)}});
}
std::shared_ptr<ir::op_spec> kron(ir::spec_ptr A, ir::spec_ptr B) {
  return call("kron", {{"A", std::move(A)}, {"B", std::move(B)}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kronecker)

// The matrix with the blocks a_ij B, rows in C order.
BOOST_AUTO_TEST_CASE(it_is_the_kronecker_product_of_the_matrices) {
  for (setup& s : ir::test::setups()) {
    const auto a = ir::test::named_array("r3x2"), b = ir::test::named_array("r4x5");
    const auto K = kron(matrix("r3x2"), matrix("r4x5"))->build(space({2, 5}), s.type, s.q);

    const auto columns = ir::test::columns_of(s, *K);

    for (std::size_t c = 0; c < columns.size(); ++c)
      for (std::size_t r = 0; r < columns[c].size(); ++r)
        BOOST_TEST(
            std::abs(columns[c][r] - a->values[r / 4 * 2 + c / 5] * b->values[r % 4 * 5 + c % 5]) <=
            8 * ir::test::epsilon(s.type));
    ir::test::check_norm_bounds(s, *K);
  }
}

BOOST_AUTO_TEST_CASE(its_norm_is_the_product_and_follows_what_its_parts_learn) {
  setup s("f64", ir::precision::f64, {});
  const auto K = kron(matrix("r3x2"), matrix("r4x5"))->build(space({2, 5}), s.type, s.q);
  for (const ir::op_ptr& part : K->parts()) {
    const double truth = ir::test::true_norm(s, *part);
    part->learn_norm({truth * (1 - 1e-9), truth * (1 + 1e-9), "dense"});
  }

  BOOST_TEST(K->norm()->upper - K->norm()->lower <= 1e-8 * K->norm()->upper);
  ir::test::check_norm_bounds(s, *K);
}

BOOST_AUTO_TEST_CASE(what_is_no_matrix_or_gives_no_lines_is_a_shape_error) {
  const auto K = kron(matrix("r3x2"), matrix("r4x5"));
  const auto G = kron(call("gradient", {}), call("identity", {}));

  BOOST_CHECK_THROW(K->range_of(space({10})), ir::shape_error);
  BOOST_CHECK_THROW(K->range_of(space({5, 2})), ir::shape_error);
  BOOST_CHECK_THROW(K->range_of(space({2, 5}) | space({2, 5})), ir::shape_error);
  BOOST_CHECK_THROW(G->range_of(space({2, 5})), ir::shape_error);  // (1, 2) of 2
  BOOST_TEST((K->domain_of(space({7, 3, 4}, {}, 2)) == space({7, 2, 5}, {}, 2)));
}

BOOST_AUTO_TEST_SUITE_END()
