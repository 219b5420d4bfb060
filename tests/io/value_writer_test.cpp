#include "io/value_writer.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "support/files.hpp"

using namespace ir::test;
using ir::dtype;

namespace {

ir::array_info info(dtype type, std::optional<ir::array_info::nominal_range> nominal = {}) {
  ir::array_info a = header_of(type, {{"x", "", 8}}).arrays[0];
  a.nominal = nominal;
  return a;
}
const ir::array_info::nominal_range byte{dtype::u8, {0, 255}};

std::vector<double> written(ir::value_writer& w, dtype from, const std::vector<double>& values) {
  ir::queue q;
  const ir::shape n{static_cast<ir::index_t>(values.size())};
  ir::array a(q, from, n);
  copy(q, ir::cref(values.data(), dtype::f64, n), a.get());
  return values_of(w.convert(a.get(), q));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(value_writer)

BOOST_AUTO_TEST_CASE(floats_return_to_the_nominal_type_of_a_picture) {
  ir::index_t told = 0, of = 0;
  ir::create_options o;
  o.on_clamped = [&](ir::index_t n, ir::index_t all) { told = n, of = all; };
  ir::value_writer w(info(dtype::f32, byte), o, {"PNG", {dtype::u8, dtype::u16}, true});

  const auto out = written(w, dtype::f32, {0.5, 1.5, 2.5, -0.4, -1, 255.4, 256, 1e30});
  w.finish();

  BOOST_TEST((w.type() == dtype::u8));
  BOOST_TEST(out == (std::vector<double>{0, 2, 2, 0, 0, 255, 255, 255}),
             boost::test_tools::per_element());
  BOOST_TEST(told == 3);  // -0.4 and 255.4 round to ends of the range
  BOOST_TEST(of == 8);
}

BOOST_AUTO_TEST_CASE(other_formats_keep_the_type_of_the_stream) {
  ir::value_writer w(info(dtype::f32, byte), {}, {"TIFF", {}});

  BOOST_TEST((w.type() == dtype::f32));
  BOOST_TEST(written(w, dtype::f32, {0.5, -3}) == (std::vector<double>{0.5, -3}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_range_is_mapped_to_the_whole_type) {
  ir::create_options o;
  o.type = dtype::u16;
  o.range = std::array<double, 2>{-1, 1};
  ir::value_writer w(info(dtype::f64), o, {"TIFF", {}});
  o.type = dtype::i8;
  ir::value_writer s(info(dtype::f64), o, {"TIFF", {}});

  BOOST_TEST(written(w, dtype::f64, {-1, 0, 1, -2}) == (std::vector<double>{0, 32768, 65535, 0}),
             boost::test_tools::per_element());
  BOOST_TEST(w.clamped() == 1);
  BOOST_TEST(written(s, dtype::f64, {-1, 1}) == (std::vector<double>{-128, 127}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_picture_without_nominal_demands_a_range) {
  const ir::storable png{"PNG", {dtype::u8, dtype::u16}, true};
  ir::create_options o;

  BOOST_CHECK_THROW(ir::value_writer(info(dtype::f32), o, png), ir::usage_error);
  o.type = dtype::u8;
  BOOST_CHECK_THROW(ir::value_writer(info(dtype::f32), o, png), ir::usage_error);
  o.type.reset();
  o.range = std::array<double, 2>{0, 1};
  BOOST_TEST((ir::value_writer(info(dtype::f32), o, png).type() == dtype::u16));
  BOOST_TEST((ir::value_writer(info(dtype::u16), {}, png).type() == dtype::u16));
}

BOOST_AUTO_TEST_CASE(narrower_integers_demand_a_range_and_wider_ones_do_not) {
  ir::create_options o;
  o.type = dtype::u8;
  BOOST_CHECK_THROW(ir::value_writer(info(dtype::u16), o, {"NPY", {}}), ir::usage_error);
  BOOST_CHECK_NO_THROW(ir::value_writer(info(dtype::u16, byte), o, {"NPY", {}}));
  o.type = dtype::i32;
  ir::value_writer w(info(dtype::u16), o, {"NPY", {}});

  BOOST_TEST(written(w, dtype::u16, {0, 65535}) == (std::vector<double>{0, 65535}),
             boost::test_tools::per_element());
  BOOST_TEST(w.clamped() == 0);
}

BOOST_AUTO_TEST_CASE(integers_stay_within_a_nominal_range_narrower_than_their_type) {
  ir::value_writer w(info(dtype::u16, {{dtype::u16, {0, 1023}}}), {}, {"PNM", {dtype::u16}, true});

  BOOST_TEST(written(w, dtype::u16, {1023, 1024}) == (std::vector<double>{1023, 1023}),
             boost::test_tools::per_element());
  BOOST_TEST(w.clamped() == 1);
}

BOOST_AUTO_TEST_CASE(nan_is_refused_where_it_cannot_be_stored) {
  ir::value_writer w(info(dtype::f32, byte), {}, {"PNG", {dtype::u8}, true});
  const double nan = std::numeric_limits<double>::quiet_NaN();

  BOOST_CHECK_THROW(written(w, dtype::f32, {1, nan}), ir::data_error);
}

BOOST_AUTO_TEST_CASE(complex_values_and_ranges_of_floats_are_refused) {
  ir::create_options o;
  o.type = dtype::f32;
  BOOST_CHECK_THROW(ir::value_writer(info(dtype::c64), o, {"NPY", {}}), ir::usage_error);
  o.range = std::array<double, 2>{0, 1};
  BOOST_CHECK_THROW(ir::value_writer(info(dtype::f32), o, {"NPY", {}}), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(frame_order_wants_whole_frames_in_order) {
  const auto header = header_of(dtype::f32, {{"y", "", 4}, {"x", "", 2}}, 2);
  ir::frame_order order(header);
  ir::frame f;
  f.end = 2;
  BOOST_TEST(order.accept(f));
  BOOST_CHECK_THROW(order.finish(false), ir::data_error);
  BOOST_CHECK_THROW(order.accept(f), ir::bug_error);
  f.begin = 2, f.end = 4;
  BOOST_TEST(order.accept(f));
  BOOST_CHECK_THROW(order.finish(false), ir::data_error);  // two were announced
  f = {};
  f.number = 1, f.end = 4;
  BOOST_TEST(order.accept(f));
  BOOST_CHECK_NO_THROW(order.finish(false));
  f.array_no = 1;
  BOOST_TEST(!order.accept(f));
}

BOOST_AUTO_TEST_SUITE_END()
