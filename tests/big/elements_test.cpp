// More than 2^31 elements: 2 GiB of memory (label big).
#include <boost/test/unit_test.hpp>

#include "core/array.hpp"
#include "core/parallel_for.hpp"
#include "core/resources.hpp"

namespace {

constexpr ir::index_t rows = 3, columns = (ir::index_t{1} << 31) / 3 + 7;

struct mark {
  ir::nd_view<std::uint8_t, 2> to;
  void operator()(ir::index_t j, ir::index_t i) const noexcept {
    to(j, i) = static_cast<std::uint8_t>(j + 1);
  }
};
struct term {
  const std::uint8_t* of;
  double operator()(ir::index_t i) const noexcept { return of[i]; }
};

boost::test_tools::assertion_result memory_is_there(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result enough(ir::installed_memory() > ir::index_t{6} << 30);
  enough.message() << "needs 6 GiB of installed memory";
  return enough;
}

}  // namespace

BOOST_AUTO_TEST_CASE(loops_and_sums_count_beyond_32_bits,
                     *boost::unit_test::precondition(memory_is_there)) {
  ir::queue q;
  ir::array a(q, ir::dtype::u8, {rows, columns});
  const auto v = ir::view<std::uint8_t, 2>(a.get());

  ir::parallel_for(q, {rows, columns}, mark{v});

  BOOST_TEST(v(0, 0) == 1);
  BOOST_TEST(v(1, columns - 1) == 2);
  BOOST_TEST(v(2, columns - 1) == 3);
  BOOST_TEST(ir::sum_for(q, rows * columns, term{v.data}) == 6.0 * columns);
}
