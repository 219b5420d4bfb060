#include "core/space.hpp"

#include <boost/test/unit_test.hpp>

#include "core/error.hpp"
#include "support/setup.hpp"

using ir::field;
using ir::space;

BOOST_AUTO_TEST_SUITE(spaces)

BOOST_AUTO_TEST_CASE(blocks_start_at_aligned_offsets) {
  const space s = space({3, 5}) | space({2}, field::complex) | space({17});

  BOOST_TEST(s.blocks()[0].offset == 0);
  BOOST_TEST(s.blocks()[1].offset == 16);
  BOOST_TEST(s.blocks()[2].offset == 32);
  BOOST_TEST(s.size() == 64);
  BOOST_TEST(to_string(s) == "3x5 | 2 complex | 17");
}

BOOST_AUTO_TEST_CASE(spaces_differ_in_extents_field_and_spatial_axes) {
  BOOST_TEST((space({3, 5}) == space({3, 5})));
  BOOST_TEST((space({3, 5}) != space({5, 3})));
  BOOST_TEST((space({3, 5}) != space({3, 5}, field::complex)));
  BOOST_TEST((space({3, 5, 5}) != space({3, 5, 5}, field::real, 2)));
  BOOST_CHECK_THROW(space({3}, field::real, 2), ir::usage_error);
  BOOST_CHECK_THROW((space({3}) | space({4})).extents(), ir::shape_error);
}

BOOST_AUTO_TEST_CASE(sizes_whose_bytes_could_overflow_are_refused) {
  const ir::index_t large = ir::index_t{1} << 55;

  BOOST_CHECK_NO_THROW(ir::space({large}));
  BOOST_CHECK_THROW(ir::space({large, 2}), ir::usage_error);
  BOOST_CHECK_THROW(ir::space({large}) | ir::space({large}) | ir::space({1}), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(a_new_element_is_zero_and_scratch_has_zero_gaps) {
  for (ir::test::setup& s : ir::test::setups()) {
    const space in = space({3}) | space({2}, field::complex);
    const space flat({in.size()});
    {
      const ir::scratch dirty(s.q, ir::scratch_bytes_of(in, s.type));
      const auto ones = ir::test::vec_of(s, flat, std::vector<double>(32, 1));
      const ir::ref there(dirty.data(), real_type(s.type), {in.size()}, s.q.where());
      ir::copy(s.q, ir::cvec(ones).block(), there);
    }

    const ir::owned_vec zero(s.q, in, s.type);
    const ir::scratch_vec x(s.q, in, s.type);

    for (const double v : ir::test::values(s, zero)) BOOST_TEST(v == 0);
    const auto all = ir::test::values(s, ir::cvec(ir::cvec(x).data(), s.type, flat, s.q.where()));
    for (const int i : {3, 15, 20, 31}) BOOST_TEST(all[static_cast<std::size_t>(i)] == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_slice_is_some_blocks_as_an_element) {
  for (ir::test::setup& s : ir::test::setups()) {
    const space a({2}), b({1}, field::complex), c({3}), whole = a | b | c, tail = b | c;
    const auto x = ir::test::vec_of(s, whole, {1, 2, 3, 4, 5, 6, 7});

    const ir::cvec part = ir::cvec(x).slice(1, tail);

    const std::vector<double> expected{3, 4, 5, 6, 7};
    BOOST_TEST(ir::test::values(s, part) == expected, boost::test_tools::per_element());
    BOOST_CHECK_THROW(ir::cvec(x).slice(2, tail), ir::shape_error);
    BOOST_CHECK_THROW(ir::cvec(x).slice(0, tail), ir::shape_error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
