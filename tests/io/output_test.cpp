#include "io/output.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "io/input.hpp"
#include "support/files.hpp"

using namespace ir::test;
using ir::dtype;

namespace {

constexpr auto each = boost::test_tools::per_element();
using strings = std::vector<std::string>;

const std::vector<ir::axis> image{{"y", "", 2}, {"x", "", 2}};

void write(const std::string& target, const ir::stream_header& h, const std::vector<double>& values,
           const ir::output_options& o = {}) {
  const auto sink = ir::create_output(target, h, o);
  put_values(*sink, h, values);
  sink->finish();
  sink->commit();
}
std::string message_of(const std::string& target, const ir::stream_header& h,
                       const ir::output_options& o = {}) {
  try {
    ir::create_output(target, h, o);
  } catch (const ir::error& e) {
    return e.what();
  }
  return "no error";
}
std::vector<double> values_at(const std::string& name) {
  return all_values(*ir::open_input({name}, {}));
}
bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outputs)

BOOST_AUTO_TEST_CASE(the_name_or_the_option_says_the_format) {
  const temporary_folder t;
  const auto h = header_of(dtype::u8, image);
  ir::output_options npy;
  npy.to = "npy";

  write(t / "a.pgm", h, counting(4));
  write(t / "a.dat", h, counting(4), npy);

  BOOST_TEST(read_bytes(t / "a.pgm").substr(0, 2) == "P5");
  BOOST_TEST(read_bytes(t / "a.dat").substr(1, 5) == "NUMPY");
  BOOST_CHECK_THROW(ir::create_output(t / "b.dat", h, {}), ir::usage_error);
  npy.to = "xyz";
  BOOST_TEST(contains(message_of(t / "b.dat", h, npy), "xyz"));
  BOOST_TEST(t.names() == (strings{"a.dat", "a.pgm"}), each);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_an_output_that_was_not_committed) {
  const temporary_folder t;
  const auto h = header_of(dtype::u8, image, 3);
  for (const char* name : {"a.npy", "s/%03d.pgm", "a.tif", "a.h5", "a.irs", "a.nrrd", "a.raw"}) {
    const auto sink = ir::create_output(t / name, h, {});
    put_values(*sink, h, counting(8));
    BOOST_TEST_CONTEXT(name) BOOST_TEST(!t.names().empty());
  }

  BOOST_TEST(t.names() == strings{}, each);
}

BOOST_AUTO_TEST_CASE(fewer_frames_than_announced_are_an_error_before_commit) {
  const temporary_folder t;
  const auto h = header_of(dtype::u8, image, 3);
  const auto sink = ir::create_output(t / "a.npy", h, {});
  put_values(*sink, h, counting(8));

  BOOST_CHECK_THROW(sink->finish(), ir::data_error);
}

BOOST_AUTO_TEST_CASE(existing_files_are_kept_without_force) {
  const temporary_folder t;
  const auto h = header_of(dtype::u8, image);
  ir::output_options force;
  force.file.force = true;
  write(t / "a.npy", h, counting(4));

  BOOST_CHECK_THROW(write(t / "a.npy", h, counting(4, 9)), ir::output_error);
  BOOST_TEST(values_at(t / "a.npy") == counting(4), each);
  write(t / "a.npy", h, counting(4, 9), force);
  BOOST_TEST(values_at(t / "a.npy") == counting(4, 9), each);
  BOOST_CHECK_THROW(write(t / "no/a.npy", h, counting(4)), ir::output_error);
  BOOST_CHECK_THROW(write(t.path(), h, counting(4)), ir::error);
}

BOOST_AUTO_TEST_CASE(one_file_for_each_frame_counts_from_zero) {
  const temporary_folder t;
  auto h = header_of(dtype::u8, image, 12);

  write(t / "s/%03d.pgm", h, counting(48));

  const auto one = read_bytes(t / "s/011.pgm");
  BOOST_TEST(one.substr(one.size() - 4) == "\x2c\x2d\x2e\x2f");
  BOOST_TEST(values_at(t / "s/*.pgm") == counting(48), each);
  BOOST_CHECK_THROW(write(t / "s/%03d.pgm", h, counting(48)), ir::output_error);
  for (const char* bad : {"%05d_%d.pgm", "%05x.pgm", "%d/a.pgm", "100%.pgm"})
    BOOST_TEST_CONTEXT(bad) BOOST_CHECK_THROW(ir::create_output(t / bad, h, {}), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(a_format_of_one_frame_asks_for_a_pattern) {
  const temporary_folder t;
  const auto h = header_of(dtype::u8, image, 3);

  const std::string message = message_of(t / "a.png", h);

  BOOST_TEST(contains(message, "holds one frame, and 3 come"));
  BOOST_TEST(contains(message, "a_%05d.png"));
}

BOOST_AUTO_TEST_CASE(the_automatic_range_is_that_of_all_frames) {
  const temporary_folder t;
  const auto h = header_of(dtype::f32, image, 2);
  ir::output_options o;
  o.file.range_auto = true;
  o.file.type = dtype::u8;

  write(t / "%d.pgm", h, {-1, 0, 0, 0, 0, 0, 0, 1}, o);

  BOOST_TEST(values_at(t / "0.pgm")[0] == 0);
  BOOST_TEST(values_at(t / "1.pgm")[3] == 255);
  BOOST_TEST(values_at(t / "1.pgm")[0] == 128);  // 127.5 to even
}

BOOST_AUTO_TEST_CASE(what_an_automatic_range_cannot_be_written_to_is_refused_at_once) {
  const temporary_folder t;
  const auto h = header_of(dtype::f32, image, 2);
  ir::output_options o;
  o.file.range_auto = true;
  BOOST_CHECK_THROW(ir::create_output(t / "a.npy", h, o), ir::usage_error);  // f32 has no ends
  o.file.type = dtype::u8;
  BOOST_CHECK_THROW(ir::create_output(t / "a.npy", header_of(dtype::c64, image), o),
                    ir::usage_error);
  write_bytes(t / "a.npy", "");
  BOOST_CHECK_THROW(ir::create_output(t / "a.npy", h, o), ir::output_error);

  BOOST_TEST(t.names() == strings{"a.npy"}, each);
}

BOOST_AUTO_TEST_CASE(only_files_of_datasets_are_appended_to) {
  const temporary_folder t;
  const auto h = header_of(dtype::u8, image);
  ir::output_options o;
  o.file.append = true;

  BOOST_CHECK_THROW(ir::create_output(t / "a.npy", h, o), ir::usage_error);
  write(t / "a.h5:/one", h, counting(4));
  write(t / "a.h5:/two", h, counting(4, 7), o);

  BOOST_TEST(values_at(t / "a.h5:/one") == counting(4), each);
  BOOST_TEST(values_at(t / "a.h5:/two") == counting(4, 7), each);
  BOOST_CHECK_THROW(write(t / "a.h5:/two", h, counting(4), o), ir::output_error);
}

BOOST_AUTO_TEST_CASE(pipes_and_devices_are_written_as_they_are) {
  const temporary_folder t;
  const auto h = header_of(dtype::u8, image, 2);
  BOOST_REQUIRE(mkfifo((t / "fifo").c_str(), 0600) == 0);
  for (const char* to : {"", "irs", "pnm", "npy", "raw"}) {
    ir::output_options o;
    o.to = to;
    o.file.force = true;  // replaces no device
    std::string read;
    std::thread reader([&] { read = read_bytes(t / "fifo"); });

    write(t / "fifo", h, counting(8), o);
    reader.join();

    BOOST_TEST_CONTEXT("--to " << to) {
      BOOST_TEST(read.substr(read.size() - 4).size() == 4u);
      if (o.to == "raw") BOOST_TEST(read == std::string("\0\1\2\3\4\5\6\7", 8));
      if (o.to == "npy") BOOST_TEST(read.substr(1, 5) == "NUMPY");
      if (o.to == "pnm") BOOST_TEST(read.substr(0, 2) == "P5");
      if (o.to.empty()) BOOST_TEST(read.substr(1, 3) == "IRS");
    }
  }
  write("/dev/null", h, counting(8));

  struct stat s {};
  stat("/dev/null", &s);
  BOOST_TEST(S_ISCHR(s.st_mode));
  BOOST_CHECK_THROW(write("/dev/full", h, counting(8)), ir::io_error);
}

BOOST_AUTO_TEST_SUITE_END()
