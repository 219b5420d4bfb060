#include "io/hdf5.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "io/metadata.hpp"
#include "support/files.hpp"

using namespace ir::test;

namespace {

ir::create_options inside(const std::string& path, int level = 0) {
  ir::create_options o;
  o.path_inside = path;
  o.compression = level;
  return o;
}
ir::open_options at(const std::string& path) {
  ir::open_options o;
  o.path_inside = path;
  return o;
}
std::string message_of(const std::string& path, const std::string& inside = {}) {
  try {
    file_values(path, at(inside));
  } catch (const ir::error& e) {
    return e.what();
  }
  return "no error";
}
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hdf5_files)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_in_every_type) {
  const temporary_folder t;
  for (int k = 0; k <= static_cast<int>(ir::dtype::c128); ++k)
    for (const int level : {0, 3})
      for (const bool known : {true, false}) {
        const auto type = static_cast<ir::dtype>(k);
        auto header = header_of(type, {{"y", "", 7}, {"x", "", 5}}, 3);
        const auto values = counting(105 * (is_complex(type) ? 2 : 1));
        if (!known) header.along.size = 0, header.arrays[0].frames.reset();

        write_file(t / "a.h5", "h5", header, values, inside("", level));

        BOOST_TEST_CONTEXT(name_of(type) << " level " << level << " known " << known) {
          const auto back = cut(open_file(t / "a.h5"), {});
          BOOST_TEST((data_of(back->header()).type == type));
          BOOST_TEST(back->header().along.size == 3);
          BOOST_TEST(all_values(*back) == values, boost::test_tools::per_element());
        }
      }
}

BOOST_AUTO_TEST_CASE(frames_are_read_along_any_axis) {
  const temporary_folder t;
  const auto header = header_of(ir::dtype::u16, {{"y", "", 3}, {"x", "", 4}}, 2);
  for (const int level : {0, 1}) {
    write_file(t / "a.h5", "h5", header, counting(24), inside("", level));
    ir::selection along_y;
    along_y.along = "y";

    const auto frames = cut(open_file(t / "a.h5"), along_y);

    BOOST_TEST(frames->header().along.size == 3);
    BOOST_TEST(
        all_values(*frames) == (std::vector<double>{0,  1,  2,  3, 12, 13, 14, 15, 4,  5,  6, 7, 16,
                                                    17, 18, 19, 8, 9,  10, 11, 20, 21, 22, 23}),
        boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(large_frames_are_chunked_and_may_come_in_parts) {
  const temporary_folder t;
  ir::queue q;
  const auto header = header_of(ir::dtype::f32, {{"z", "", 5}, {"y", "", 40}, {"x", "", 4000}});
  const auto values = counting(5 * 40 * 4000);
  for (const int level : {0, 1}) {
    const auto sink = ir::format_named("h5")->create(t / "a.h5", header, inside("", level));
    BOOST_REQUIRE(sink->takes_parts());
    ir::frame f;
    for (ir::index_t line = 0; line < 200; line = f.end) {
      f.begin = line;
      f.end = std::min<ir::index_t>(200, line + 93);  // across planes
      const ir::shape n{f.end - f.begin, 4000};
      f.data.reset(q, ir::dtype::f32, n);
      copy(q, ir::cref(values.data() + line * 4000, ir::dtype::f64, n), f.data.get());
      sink->put(f, q);
    }
    sink->finish();
    BOOST_TEST((file_values(t / "a.h5") == values));
    const ir::shape block = open_file(t / "a.h5").arrays[0]->block();
    if (level > 0) BOOST_TEST(block.count() * 4 <= 1 << 20);
  }
}

BOOST_AUTO_TEST_CASE(axes_units_nominal_range_and_history_survive) {
  const temporary_folder t;
  auto header = header_of(ir::dtype::u16, {{"v", "mm", 2, 0.1, -3}, {"u", "mm", 3, 0.2, 7.5}}, 2);
  header.along = {"angle", "deg", 2, 1.5, 30};
  header.arrays[0].nominal = ir::array_info::nominal_range{ir::dtype::u16, {0, 4095}};
  header.meta = ir::with_command(nullptr, "ir-noise --sigma 2");

  write_file(t / "a.h5", "h5", header, counting(12));

  const auto contents = open_file(t / "a.h5");
  auto expected = header.arrays[0].axes;
  expected.insert(expected.begin(), header.along);
  BOOST_TEST((contents.arrays[0]->info().axes == expected));
  BOOST_TEST((contents.arrays[0]->info().nominal == header.arrays[0].nominal));
  BOOST_REQUIRE(contents.meta != nullptr);
  BOOST_TEST(contents.meta->dump() == header.meta->dump());
}

BOOST_AUTO_TEST_CASE(other_arrays_of_a_stream_are_kept_beside_the_data) {
  const temporary_folder t;
  ir::queue q;
  auto header = header_of(ir::dtype::f32, {{"y", "", 2}, {"x", "", 2}}, 2);
  ir::array_info flat = header.arrays[0];
  flat.name = "flat";
  flat.what = ir::role::flat;
  flat.frames = 3;
  header.arrays.insert(header.arrays.begin(), flat);
  const auto sink = ir::format_named("h5")->create(t / "a.h5", header, inside("/scan/data"));
  for (int array = 0; array < 2; ++array)
    for (int k = 0; k < (array == 0 ? 3 : 2); ++k) {
      ir::frame f;
      f.array_no = array;
      f.number = k;
      f.end = 2;
      f.data.reset(q, ir::dtype::f32, {2, 2});
      const auto values = counting(4, 100 * array + 10 * k);
      copy(q, ir::cref(values.data(), ir::dtype::f64, {2, 2}), f.data.get());
      sink->put(f, q);
    }
  sink->finish();

  const auto contents = open_file(t / "a.h5");

  BOOST_REQUIRE(contents.arrays.size() == 2u);
  const ir::box_source& first = *contents.arrays[0];
  BOOST_TEST(first.info().name == "flat");
  BOOST_TEST((first.info().what == ir::role::flat));
  BOOST_TEST(extents_of(first.info()) == (ir::shape{3, 2, 2}));
  BOOST_TEST(file_values(t / "a.h5")[4] == 110);
}

BOOST_AUTO_TEST_CASE(one_dataset_is_found_by_itself_several_are_listed) {
  const temporary_folder t;
  auto more = inside("/entry/other");
  more.append = true;
  const auto header = header_of(ir::dtype::u8, {{"y", "", 2}, {"x", "", 3}}, 2);
  write_file(t / "a.h5", "h5", header, counting(12), inside("/entry/data"));
  BOOST_TEST(file_values(t / "a.h5").size() == 12u);

  write_file(t / "a.h5", "h5", header, counting(12, 5), more);

  const std::string message = message_of(t / "a.h5");
  BOOST_TEST(has(message, "/entry/data 2x2x3 u8"));
  BOOST_TEST(has(message, "/entry/other 2x2x3 u8"));
  BOOST_TEST(file_values(t / "a.h5", at("/entry/other"))[0] == 5);
  BOOST_TEST(file_values(t / "a.h5", at("entry/data"))[0] == 0);
  BOOST_TEST(has(message_of(t / "a.h5", "/nowhere"), "no /nowhere"));
  const auto listed = ir::format_named("h5")->list(t / "a.h5");
  BOOST_REQUIRE(listed.size() == 2u);
  BOOST_TEST(listed[0].name == "/entry/data");
}

BOOST_AUTO_TEST_CASE(a_line_of_coordinates_does_not_hide_the_only_image) {
  const temporary_folder t;
  auto more = inside("/theta");
  more.append = true;
  write_file(t / "a.h5", "h5", header_of(ir::dtype::u8, {{"y", "", 2}, {"x", "", 3}}, 2),
             counting(12));
  write_file(t / "a.h5", "h5", header_of(ir::dtype::f64, {{"x", "", 4}}), counting(4), more);

  BOOST_TEST(file_values(t / "a.h5").size() == 12u);
  BOOST_TEST(file_values(t / "a.h5", at("/theta")).size() == 4u);
}

BOOST_AUTO_TEST_CASE(appending_refuses_a_dataset_that_exists_unless_forced) {
  const temporary_folder t;
  const auto header = header_of(ir::dtype::u8, {{"y", "", 2}, {"x", "", 3}}, 2);
  auto more = inside("/data");
  more.append = true;
  write_file(t / "a.h5", "h5", header, counting(12), inside("/kept"));
  write_file(t / "a.h5", "h5", header, counting(12), more);

  BOOST_CHECK_THROW(write_file(t / "a.h5", "h5", header, counting(12, 1), more), ir::output_error);
  more.force = true;
  write_file(t / "a.h5", "h5", header, counting(12, 1), more);

  BOOST_TEST(file_values(t / "a.h5", at("/data"))[0] == 1);
  BOOST_TEST(file_values(t / "a.h5", at("/kept"))[0] == 0);
}

BOOST_AUTO_TEST_CASE(regions_are_written_in_any_order) {
  const temporary_folder t;
  ir::queue q;
  const auto header = header_of(ir::dtype::f32, {{"y", "", 4}, {"x", "", 4}}, 2);
  for (const int level : {0, 1}) {
    const auto sink = ir::create_hdf5_regions(t / "a.h5", header, inside("/data", level));
    for (int k = 7; k >= 0; --k) {
      const ir::region r{0, k / 4, {k / 2 % 2 * 2, k % 2 * 2}, {2, 2}};
      const std::vector<float> v(4, float(k));
      BOOST_TEST(!sink->done(r));
      sink->write(r, ir::cref(v.data(), ir::dtype::f32, {2, 2}), q);
      BOOST_TEST(sink->done(r));
    }
    sink->finish();
    const auto all = file_values(t / "a.h5");
    BOOST_TEST(all[0] == 0);
    BOOST_TEST(all[2] == 1);
    BOOST_TEST(all[8] == 2);
    BOOST_TEST(all[31] == 7);
  }
}

BOOST_AUTO_TEST_CASE(the_same_frames_make_the_same_bytes) {
  const temporary_folder t;
  const auto header = header_of(ir::dtype::f32, {{"y", "", 30}, {"x", "", 40}}, 2);
  for (const int level : {0, 1}) {
    write_file(t / "a.h5", "h5", header, counting(2400), inside("/g/data", level));
    sleep(1);
    write_file(t / "b.h5", "h5", header, counting(2400), inside("/g/data", level));
    BOOST_TEST((read_bytes(t / "a.h5") == read_bytes(t / "b.h5")));
  }
}

BOOST_AUTO_TEST_CASE(truncated_files_are_refused_by_name) {
  const temporary_folder t;
  for (const int level : {0, 1}) {
    write_file(t / "a.h5", "h5", header_of(ir::dtype::u16, {{"y", "", 40}, {"x", "", 50}}, 4),
               counting(8000), inside("", level));
    const std::string whole = read_bytes(t / "a.h5");
    for (std::size_t n = 8; n < whole.size(); n += 97) {
      write_bytes(t / "cut.h5", whole.substr(0, n));
      BOOST_TEST_CONTEXT(n) {
        BOOST_CHECK_THROW(file_values(t / "cut.h5"), ir::data_error);
        BOOST_TEST(has(message_of(t / "cut.h5"), "cut.h5"));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(damaged_compressed_chunks_are_refused) {
  const temporary_folder t;
  std::vector<double> noise(200000);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = double(i * i * 7919 % 65521);
  write_file(t / "a.h5", "h5", header_of(ir::dtype::u16, {{"y", "", 400}, {"x", "", 500}}), noise,
             inside("", 1));
  std::string bytes = read_bytes(t / "a.h5");
  bytes[bytes.size() / 2] = char(bytes[bytes.size() / 2] ^ 0x55);
  write_bytes(t / "a.h5", bytes);

  BOOST_CHECK_THROW(file_values(t / "a.h5"), ir::data_error);
}

BOOST_AUTO_TEST_SUITE_END()
