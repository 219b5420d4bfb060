#include "op/matrix.hpp"

#include <boost/test/unit_test.hpp>

#include "support/dense_svd.hpp"
#include "support/operator_laws.hpp"
#include "support/operator_values.hpp"

namespace {

using ir::field;
using ir::loaded_array;
using ir::space;
using ir::test::setup;

const loaded_array small{"m.npy", {2, 3}, field::real, {1, -2, 0, 0, 1, 3}};
// The same, the entry -2 as the sum of two.
const loaded_array entries{
    "e.npy", {5, 3}, field::real, {1, 2, 3, 0, 1, -3, 0, 0, 1, 1, 1, 1, 0, 1, 1}};

// Complex: i, 2, 0 and 0, 1 + i, -1.
const loaded_array turned{"t.npy", {2, 3}, field::complex, {0, 1, 2, 0, 0, 0, 0, 0, 1, 1, -1, 0}};

ir::sparse_entries listed(ir::index_t rows, ir::index_t columns) {
  return ir::entries_of_list(entries, rows, columns);
}

loaded_array large(ir::index_t rows, ir::index_t columns) {
  loaded_array m{"m.npy", {rows, columns}, field::real, {}};
  for (ir::index_t i = 0; i < rows * columns; ++i)
    m.values.push_back(static_cast<double>(i * i % 17) - 8);
  return m;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(matrix)

BOOST_AUTO_TEST_CASE(laws_and_bounds_hold) {
  for (setup& s : ir::test::setups()) BOOST_TEST_CONTEXT(s.name) {
      const ir::dense_matrix A(s.q, space({3}), small, s.type);
      const ir::dense_matrix B(s.q, space({5, 7}), large(21, 35), s.type);
      const ir::sparse_matrix C(s.q, space({3}), listed(2, 3), 2, 3, field::real, s.type);
      const ir::sparse_matrix D(s.q, space({3}, field::complex), ir::entries_of_matrix(turned), 2,
                                3, field::complex, s.type);
      const ir::dense_matrix one(s.q, space({1}), large(1, 1), s.type);
      for (const ir::linear_operator* op :
           std::initializer_list<const ir::linear_operator*>{&A, &B, &C, &D, &one}) {
        ir::test::check_operator_laws(s, *op);
        ir::test::check_norm_bounds(s, *op);
      }
    }
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : ir::test::setups()) {
    ir::test::check_values(s, ir::dense_matrix(s.q, space({3}), small, s.type), {1, 2, 3},
                           {-3, 11});
    ir::test::check_values(
        s, ir::sparse_matrix(s.q, space({3}), listed(2, 3), 2, 3, field::real, s.type), {1, 2, 3},
        {-3, 11});
    // (i) 1 + (2) 2 + (0) 3i, (0) 1 + (1 + i) 2 + (-1) 3i
    ir::test::check_values(
        s,
        ir::sparse_matrix(s.q, space({3}, field::complex), ir::entries_of_matrix(turned), 2, 3,
                          field::complex, s.type),
        {1, 0, 2, 0, 0, 3}, {4, 1, 2, -1});
  }
}

BOOST_AUTO_TEST_CASE(a_matrix_knows_bounds_of_its_norm_from_the_start) {
  setup s("f64", ir::precision::f64, {});
  const ir::dense_matrix A(s.q, space({3}), small, s.type);

  BOOST_TEST(A.norm()->lower == std::sqrt(10), boost::test_tools::tolerance(1e-9));
  BOOST_TEST(A.norm()->upper == std::sqrt(12), boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(arrays_that_do_not_fit_are_errors) {
  setup s("f64", ir::precision::f64, {});
  const auto entry = [](double r, double c, double v) {
    return ir::entries_of_list({"e", {1, 3}, field::real, {r, c, v}}, 2, 3);
  };

  BOOST_CHECK_THROW(ir::dense_matrix(s.q, space({4}), small, s.type), ir::shape_error);
  BOOST_CHECK_THROW(ir::dense_matrix(s.q, space({3}, field::complex), small, s.type),
                    ir::shape_error);
  BOOST_CHECK_THROW(ir::dense_matrix(s.q, space({3}), {"m", {3}, field::real, {1, 2, 3}}, s.type),
                    ir::shape_error);
  BOOST_CHECK_THROW(
      ir::dense_matrix(s.q, space({1}), {"m", {1, 1}, field::real, {std::nan("")}}, s.type),
      ir::data_error);
  BOOST_CHECK_THROW(entry(2, 0, 1), ir::data_error);
  BOOST_CHECK_THROW(entry(0, 0.5, 1), ir::data_error);
  BOOST_CHECK_THROW(entry(0, 0, std::nan("")), ir::data_error);
  BOOST_CHECK_THROW(listed(2, 2), ir::data_error);
  BOOST_CHECK_THROW(ir::entries_of_list({"e", {3}, field::real, {0, 0, 1}}, 2, 2), ir::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
