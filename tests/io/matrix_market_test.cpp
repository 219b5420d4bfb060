#include "io/matrix_market.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "core/error.hpp"

namespace ir {
namespace {

namespace data = boost::unit_test::data;

/// A file and its matrix, row by row; complex ones as pairs.
struct meaning {
  const char* text;
  std::vector<double> matrix;
};
std::ostream& operator<<(std::ostream& o, const meaning& m) { return o << m.text; }

std::vector<double> dense(const matrix_market& m) {
  const std::size_t reals = m.complex ? 2 : 1;
  std::vector<double> all(static_cast<std::size_t>(m.rows * m.columns) * reals);
  for (std::size_t e = 0; e < m.row.size(); ++e)
    for (std::size_t k = 0; k < reals; ++k)
      all[static_cast<std::size_t>(m.row[e] * m.columns + m.column[e]) * reals + k] +=
          m.values[e * reals + k];
  return all;
}

const meaning meanings[] = {
    {"%%MatrixMarket matrix coordinate real general\n% why\n\n2 3 3\n1 1 1\n1 2 -2e0\r\n2 3 +3\n",
     {1, -2, 0, 0, 0, 3}},
    {"%%MatrixMarket MATRIX Coordinate Integer General\n1 2 2\n1 2 7\n1 2 1", {0, 8}},
    {"%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n", {1, 1, 1, 0}},
    {"%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 3\n", {0, -3, 3, 0}},
    {"%%MatrixMarket matrix coordinate complex hermitian\n2 2 2\n1 1 5 0\n2 1 1 2\n",
     {5, 0, 1, -2, 1, 2, 0, 0}},
    {"%%MatrixMarket matrix coordinate complex symmetric\n2 2 1\n2 1 1 2\n",
     {0, 0, 1, 2, 1, 2, 0, 0}},
    {"%%MatrixMarket matrix array real general\n2 3\n1\n2\n3\n4\n5\n6\n", {1, 3, 5, 2, 4, 6}},
    {"%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n", {1, 2, 2, 3}},
    {"%%MatrixMarket matrix array real skew-symmetric\n2 2\n4\n", {0, -4, 4, 0}},
    {"%%MatrixMarket matrix array complex general\n1 2\n1 2\n3 4\n", {1, 2, 3, 4}},
    {"%%MatrixMarket matrix coordinate real general\n2 2 0\n", {0, 0, 0, 0}},
};

/// A file that is refused, the line, and words of the message.
struct mistake {
  const char* text;
  int line;
  const char* words;
};
std::ostream& operator<<(std::ostream& o, const mistake& m) { return o << m.text; }

#define COORDINATE "%%MatrixMarket matrix coordinate real general\n"
#define SYMMETRIC "%%MatrixMarket matrix coordinate real symmetric\n"
const mistake mistakes[] = {
    {"", 1, "is expected"},
    {"%%MatrixMarket vector coordinate real general\n", 1, "is expected"},
    {"%%MatrixMarket matrix sparse real general\n", 1,
     "no format 'sparse': it is one of coordinate"},
    {"%%MatrixMarket matrix coordinate quaternion general\n", 1, "no field 'quaternion'"},
    {"%%MatrixMarket matrix coordinate real triangular\n", 1, "no symmetry 'triangular'"},
    {"%%MatrixMarket matrix array pattern general\n", 1, "a pattern has coordinates"},
    {"%%MatrixMarket matrix coordinate real hermitian\n", 1, "is complex"},
    {COORDINATE "% only\n", 2, "rows, columns and entries"},
    {COORDINATE "2 2\n", 2, "rows, columns and entries"},
    {COORDINATE "0 2 0\n", 2, "rows 0: 1 to"},
    {COORDINATE "2 2 99999999999\n", 2, "too short"},
    {"%%MatrixMarket matrix array real general\n99999999999999 99999999999999\n", 2, "too short"},
    {SYMMETRIC "2 3 1\n2 1 1\n", 2, "not square"},
    {COORDINATE "2 2 1\n1 3 1\n", 3, "column 3: 1 to 2"},
    {COORDINATE "2 2 1\n0 1 1\n", 3, "row 0: 1 to 2"},
    {COORDINATE "2 2 1\n1 1\n", 3, "3 numbers are expected, not 2"},
    {COORDINATE "2 2 1\n1 1 one\n", 3, "a number is expected, not 'one'"},
    {COORDINATE "2 2 1\n1 1.5 1\n", 3, "column is expected, not '1.5'"},
    {COORDINATE "2 2 2\n1 1 1\n", 3, "ends after 1 of 2"},
    {COORDINATE "2 2 1\n1 1 1\n2 2 2\n", 4, "more than the 1 entries"},
    {SYMMETRIC "2 2 1\n1 2 1\n", 3, "below the diagonal"},
    {"%%MatrixMarket matrix coordinate complex hermitian\n1 1 1\n1 1 2 3\n", 3, "is real"},
};

BOOST_AUTO_TEST_SUITE(matrix_market_files)

BOOST_DATA_TEST_CASE(a_file_is_its_matrix, data::make(meanings)) {
  BOOST_TEST(is_matrix_market(sample.text));
  BOOST_TEST(dense(read_matrix_market(sample.text, "m.mtx")) == sample.matrix,
             boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(a_mistake_is_told_with_its_line, data::make(mistakes)) {
  const std::string place = "m.mtx:" + std::to_string(sample.line) + ": ";
  BOOST_CHECK_EXCEPTION(
      read_matrix_market(sample.text, "m.mtx"), data_error, [&](const data_error& e) {
        const std::string what = e.what();
        BOOST_TEST_MESSAGE(what);
        return what.starts_with(place) && what.find(sample.words) != std::string::npos;
      });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ir
