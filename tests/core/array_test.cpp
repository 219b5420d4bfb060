#include "core/array.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>

#include "core/error.hpp"
#include "support/setup.hpp"

namespace {
bool aligned(const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 64 == 0; }
}  // namespace

BOOST_AUTO_TEST_SUITE(arrays)

BOOST_AUTO_TEST_CASE(reset_keeps_storage_that_is_large_enough) {
  for (ir::test::setup& s : ir::test::setups()) {
    ir::array a(s.q, ir::dtype::f32, {100});
    const void* before = a.get().data;

    a.reset(s.q, ir::dtype::f64, {5, 10});

    BOOST_TEST(a.get().data == before);
    BOOST_TEST((a.get().extents == ir::shape{5, 10}));
    BOOST_TEST((a.get().type == ir::dtype::f64));
    BOOST_TEST(aligned(before));
  }
}

BOOST_AUTO_TEST_CASE(a_moved_array_leaves_an_empty_one) {
  for (ir::test::setup& s : ir::test::setups()) {
    ir::array a(s.q, ir::dtype::u8, {7});

    const ir::array b = std::move(a);

    BOOST_TEST(a.empty());  // NOLINT: what is left is defined
    BOOST_TEST(a.get().extents.count() == 0);
    BOOST_TEST(b.get().extents.count() == 7);
  }
}

BOOST_AUTO_TEST_CASE(an_array_goes_to_another_queue_and_outlives_its_own) {
  for (ir::test::setup& s : ir::test::setups()) {
    const std::vector<float> v{1, 2, 3};
    std::vector<float> out(3);
    ir::array a;
    {
      ir::queue producer(s.q.where());
      a.reset(producer, ir::dtype::f32, {3});
      ir::copy(producer, ir::cref(v.data(), ir::dtype::f32, {3}), a.get());

      a.adopt(s.q);
    }
    ir::copy(s.q, a.get(), ir::ref(out.data(), ir::dtype::f32, {3}));
    s.q.synchronize();

    BOOST_TEST(out == v, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(views_fill_missing_axes_and_refuse_what_does_not_fit) {
  ir::queue q;
  ir::array a(q, ir::dtype::f32, {2, 3});

  const auto v = ir::view<float, 3>(a.get());
  v(0, 1, 2) = 5;

  BOOST_TEST(v.extent(0) == 1);
  BOOST_TEST((ir::view<float>(a.get(), {6}))(5) == 5);
  BOOST_CHECK_THROW((ir::view<double, 2>(a.get())), ir::shape_error);
  BOOST_CHECK_THROW((ir::view<float, 1>(a.get())), ir::shape_error);
  BOOST_CHECK_THROW((ir::view<float>(a.get(), {7})), ir::shape_error);
}

BOOST_AUTO_TEST_CASE(lines_are_runs_of_the_fastest_axis) {
  ir::queue q;
  ir::array a(q, ir::dtype::u16, {2, 3, 4});

  const ir::ref part = a.get().lines(2, 5);

  BOOST_TEST((part.extents == ir::shape{3, 4}));
  BOOST_TEST(static_cast<std::byte*>(part.data) - static_cast<std::byte*>(a.get().data) == 16);
}

BOOST_AUTO_TEST_CASE(a_block_beyond_the_address_space_is_a_memory_error) {
  ir::queue q;
  BOOST_CHECK_THROW(ir::array(q, ir::dtype::f64, {ir::index_t{1} << 50}), ir::memory_error);
}

BOOST_AUTO_TEST_SUITE_END()
