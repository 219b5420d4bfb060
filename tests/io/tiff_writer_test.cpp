#include <boost/test/unit_test.hpp>

#include "io/metadata.hpp"
#include "support/files.hpp"

using namespace ir::test;

namespace {

ir::create_options deflated(int level) {
  ir::create_options o;
  o.compression = level;
  return o;
}

/// As many different values as fit the type, in a pattern that prediction does not make trivial.
std::vector<double> pattern(ir::index_t n) {
  std::vector<double> v(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = double(i * i % 101);
  return v;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tiff_writer)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_in_every_type) {
  const temporary_folder t;
  for (int k = 0; k <= static_cast<int>(ir::dtype::c128); ++k)
    for (const int level : {0, 1}) {
      const auto type = static_cast<ir::dtype>(k);
      const auto header = header_of(type, {{"y", "", 7}, {"x", "", 5}}, 3);
      const auto values = pattern(105 * (is_complex(type) ? 2 : 1));

      write_file(t / "a.tif", "tiff", header, values, deflated(level));

      BOOST_TEST_CONTEXT(name_of(type) << " level " << level) {
        const auto back = cut(open_file(t / "a.tif"), {});
        BOOST_TEST((data_of(back->header()).type == type));
        BOOST_TEST(back->header().along.size == 3);
        BOOST_TEST(all_values(*back) == values, boost::test_tools::per_element());
      }
    }
}

BOOST_AUTO_TEST_CASE(pages_of_many_strips_are_read_back) {
  const temporary_folder t;
  const auto header = header_of(ir::dtype::u16, {{"y", "", 700}, {"x", "", 301}}, 2);
  const auto values = pattern(2 * 700 * 301);

  write_file(t / "a.tif", "tiff", header, values, deflated(6));

  BOOST_TEST(file_values(t / "a.tif") == values, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(frames_may_come_in_parts) {
  const temporary_folder t;
  ir::queue q;
  const auto header = header_of(ir::dtype::f32, {{"z", "", 3}, {"y", "", 40}, {"x", "", 2000}});
  const auto values = pattern(3 * 40 * 2000);
  for (const int level : {0, 1}) {
    const auto sink = ir::format_named("tiff")->create(t / "a.tif", header, deflated(level));
    BOOST_REQUIRE(sink->takes_parts());
    ir::frame f;
    for (ir::index_t line = 0; line < 120; line = f.end) {
      f.begin = line;
      f.end = std::min<ir::index_t>(120, line + 7);
      const ir::shape n{f.end - f.begin, 2000};
      f.data.reset(q, ir::dtype::f32, n);
      copy(q, ir::cref(values.data() + line * 2000, ir::dtype::f64, n), f.data.get());
      sink->put(f, q);
    }
    sink->finish();
    BOOST_TEST(file_values(t / "a.tif") == values, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(channels_are_colours_or_pages_and_come_back_as_channels) {
  const temporary_folder t;
  for (const ir::index_t channels : {1, 2, 3, 4, 5})
    for (const bool volume : {false, true}) {
      std::vector<ir::axis> axes{{"c", "", channels}, {"y", "", 3}, {"x", "", 4}};
      if (volume) axes.insert(axes.begin() + 1, {"z", "", 2});
      const ir::index_t n = channels * (volume ? 24 : 12);
      auto header = header_of(ir::dtype::u8, axes, 2);
      header.along.name = "t";

      write_file(t / "a.tif", "tiff", header, pattern(2 * n));

      ir::selection as_written;
      as_written.along = "t";
      as_written.rank = volume ? 3 : 2;
      const auto back = cut(open_file(t / "a.tif"), as_written);
      BOOST_TEST_CONTEXT(channels << " channels, volume " << volume) {
        BOOST_TEST(extents_of(data_of(back->header())) == extents_of(header.arrays[0]));
        BOOST_TEST(data_of(back->header()).axes[0].name == "c");
        BOOST_TEST(all_values(*back) == pattern(2 * n), boost::test_tools::per_element());
      }
    }
}

BOOST_AUTO_TEST_CASE(axes_units_nominal_range_and_history_survive) {
  const temporary_folder t;
  for (const ir::dtype type : {ir::dtype::u16, ir::dtype::i32})  // ImageJ's and tifffile's notes
    for (const bool stack : {true, false}) {
      auto header =
          header_of(type, {{"v", "mm", 2, 0.1, -3}, {"u", "mm", 3, 0.2, 7.5}}, stack ? 2 : -1);
      if (stack) header.along = {"angle", "deg", 2, 1.5, 30};
      header.arrays[0].nominal = ir::array_info::nominal_range{type, {0, 4095}};
      header.meta = ir::with_command(nullptr, "ir-noise --sigma 2");

      write_file(t / "a.tif", "tiff", header, pattern(stack ? 12 : 6));

      const auto contents = open_file(t / "a.tif");
      auto expected = header.arrays[0].axes;
      if (stack) expected.insert(expected.begin(), header.along);
      BOOST_TEST((contents.arrays[0]->info().axes == expected));
      BOOST_TEST((contents.arrays[0]->info().nominal == header.arrays[0].nominal));
      BOOST_REQUIRE(contents.meta != nullptr);
      BOOST_TEST(contents.meta->dump() == header.meta->dump());
    }
}

BOOST_AUTO_TEST_CASE(the_same_frames_make_the_same_bytes) {
  const temporary_folder t;
  const auto header = header_of(ir::dtype::f32, {{"y", "um", 300, 0.5}, {"x", "um", 400, 0.5}}, 2);

  write_file(t / "a.tif", "tiff", header, pattern(240000), deflated(1));
  write_file(t / "b.tif", "tiff", header, pattern(240000), deflated(1));

  BOOST_TEST((read_bytes(t / "a.tif") == read_bytes(t / "b.tif")));
}

BOOST_AUTO_TEST_CASE(a_file_cut_at_any_byte_is_refused) {
  const temporary_folder t;
  for (const int level : {0, 1}) {
    write_file(t / "a.tif", "tiff", header_of(ir::dtype::u16, {{"y", "", 4}, {"x", "", 5}}, 2),
               pattern(40), deflated(level));
    const std::string whole = read_bytes(t / "a.tif");
    for (std::size_t n = 8; n < whole.size(); ++n) {
      write_bytes(t / "cut.tif", whole.substr(0, n));
      BOOST_TEST_CONTEXT(n << " of " << whole.size())
      BOOST_CHECK_THROW(file_values(t / "cut.tif"), ir::data_error);
    }
  }
}

BOOST_AUTO_TEST_CASE(damaged_compressed_data_never_become_other_values) {
  const temporary_folder t;
  write_file(t / "a.tif", "tiff", header_of(ir::dtype::u16, {{"y", "", 40}, {"x", "", 50}}),
             pattern(2000), deflated(1));
  std::string bytes = read_bytes(t / "a.tif");
  int refused = 0;
  for (std::size_t at = 16; at < 200; ++at) {
    bytes[at] = char(bytes[at] ^ 0x10);
    write_bytes(t / "bad.tif", bytes);
    bytes[at] = char(bytes[at] ^ 0x10);
    try {
      BOOST_TEST((file_values(t / "bad.tif") == pattern(2000)));  // a bit that means nothing
    } catch (const ir::data_error& e) {
      BOOST_TEST(std::string(e.what()).find("bad.tif") != std::string::npos);
      ++refused;
    }
  }
  BOOST_TEST(refused > 180);  // deflate ends with a checksum of the strip
}

BOOST_AUTO_TEST_CASE(no_frames_make_no_file) {
  const temporary_folder t;
  ir::create_options o;
  o.allow_empty = true;
  const auto header = header_of(ir::dtype::u8, {{"y", "", 4}, {"x", "", 5}}, 0);

  BOOST_CHECK_THROW(write_file(t / "a.tif", "tiff", header, {}, o), ir::data_error);
}

BOOST_AUTO_TEST_SUITE_END()
