#include <boost/test/unit_test.hpp>
#include <limits>

#include "io/metadata.hpp"
#include "support/files.hpp"

using namespace ir::test;
using ir::dtype;

namespace {

constexpr auto each = boost::test_tools::per_element();

std::string refusal(const temporary_folder& t, const std::string& bytes) {
  write_bytes(t / "a.pnm", bytes);
  try {
    file_values(t / "a.pnm");
  } catch (const ir::data_error& e) {
    return e.what();
  }
  return "no error";
}
bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pnm_files)

BOOST_AUTO_TEST_CASE(reads_grey_and_colour_as_bytes_words_and_text) {
  const temporary_folder t;
  const auto values = [&](const std::string& bytes) {
    write_bytes(t / "a.pnm", bytes);
    return file_values(t / "a.pnm");
  };
  const auto words = swapped_bytes_of(std::vector<std::uint16_t>{256, 2, 3, 4});

  BOOST_TEST(values("P5\n2 2\n255\nabcd") == (std::vector<double>{'a', 'b', 'c', 'd'}), each);
  BOOST_TEST(values("P5 2 2 1023\n" + words) == (std::vector<double>{256, 2, 3, 4}), each);
  BOOST_TEST(values("P6\n2 1\n255\nabcdef") == (std::vector<double>{'a', 'd', 'b', 'e', 'c', 'f'}),
             each);
  BOOST_TEST(
      values("P2\n# by hand\n2 2 # size\n9\n1 2\n3 9\n") == (std::vector<double>{1, 2, 3, 9}),
      each);
  BOOST_TEST(values("P3 1 1 300 1 2 300") == (std::vector<double>{1, 2, 300}), each);
  BOOST_TEST(values("P7\nWIDTH 2\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\n# x\n"
                    "ENDHDR\nabcd") == (std::vector<double>{'a', 'c', 'b', 'd'}),
             each);
}

BOOST_AUTO_TEST_CASE(the_maximum_is_the_nominal_range) {
  const temporary_folder t;
  write_bytes(t / "a.pgm", "P5 1 1 1023\n\1\2");

  const auto info = open_file(t / "a.pgm").arrays[0]->info();

  BOOST_TEST((info.type == dtype::u16));
  BOOST_TEST((info.nominal == ir::array_info::nominal_range{dtype::u16, {0, 1023}}));
}

BOOST_AUTO_TEST_CASE(floats_have_their_bottom_row_first) {
  const temporary_folder t;
  write_bytes(t / "le.pfm", "Pf\n2 2\n-1.0\n" + bytes_of(std::vector<float>{3, 4, 1, 2}));
  write_bytes(t / "be.pfm", "Pf\n2 2\n1.0\n" + swapped_bytes_of(std::vector<float>{3, 4, 1, 2}));
  write_bytes(t / "rgb.pfm", "PF\n1 2\n-0.5\n" + bytes_of(std::vector<float>{4, 5, 6, 1, 2, 3}));

  BOOST_TEST(file_values(t / "le.pfm") == counting(4, 1), each);
  BOOST_TEST(file_values(t / "be.pfm") == counting(4, 1), each);
  BOOST_TEST(file_values(t / "rgb.pfm") == (std::vector<double>{1, 4, 2, 5, 3, 6}), each);
  BOOST_TEST(*open_file(t / "rgb.pfm").meta->number("pfm_scale") == 0.5);
}

BOOST_AUTO_TEST_CASE(several_images_are_frames) {
  const temporary_folder t;
  write_bytes(t / "a.pgm", "P5 2 1 255\nabP5\n# second\n2 1\n255\ncdP5 2 1 255\nef\n");

  const auto stack = cut(open_file(t / "a.pgm"), {});

  BOOST_TEST(stack->header().along.size == 3);
  BOOST_TEST(all_values(*stack) == counting(6, 'a'), each);
  BOOST_TEST(contains(refusal(t, "P5 2 1 255\nabP5 1 1 255\nc"), "not of the kind"));
  BOOST_TEST(contains(refusal(t, "P5 2 1 255\nabcd"), "no image begins"));
}

BOOST_AUTO_TEST_CASE(bad_headers_are_refused_with_the_reason) {
  const temporary_folder t;

  BOOST_TEST(contains(refusal(t, "P4 8 1\nx"), "bitmaps"));
  BOOST_TEST(contains(refusal(t, "P5 0 1 255\nx"), "no elements"));
  BOOST_TEST(contains(refusal(t, "P5 -1 -1 255\nx"), "no elements"));
  BOOST_TEST(contains(refusal(t, "P5 a 1 255\nx"), "'a' is not a width"));
  BOOST_TEST(contains(refusal(t, "P5 1 1 0\nx"), "maximum of 0"));
  BOOST_TEST(contains(refusal(t, "P5 1 1 65536\nxx"), "maximum of 65536"));
  BOOST_TEST(
      contains(refusal(t, "P5 4611686018427387904 4611686018427387904 255\nx"), "too large"));
  BOOST_TEST(contains(refusal(t, "P5 99999999999999999999 1 255\nx"), "not a width"));
  BOOST_TEST(contains(refusal(t, "P5 1000000 1000000 255\nx"), "needs 1000000000000 bytes"));
  BOOST_TEST(contains(refusal(t, "P2 1000000 1000000 255\n1"), "cannot hold"));
  BOOST_TEST(contains(refusal(t, "P2 2 1 9\n1 10\n"), "0 to 9"));
  BOOST_TEST(contains(refusal(t, "P2 2 1 9\n1 x\n"), "number 1 of 2"));
  BOOST_TEST(contains(refusal(t, "P2 2 1 9\n1 2 3\n"), "more than 2"));
  BOOST_TEST(contains(refusal(t, "P7\nWIDTH 1\nCOLOUR 2\nENDHDR\nx"), "COLOUR"));
  BOOST_TEST(contains(refusal(t, "P7\nWIDTH 1\nHEIGHT 1\nENDHDR\nx"), "maximum of 0"));
  BOOST_TEST(contains(refusal(t, "Pf 1 1 0\nabcd"), "scale"));
  BOOST_TEST(contains(refusal(t, "Pf 1 1 nan\nabcd"), "scale"));
}

BOOST_AUTO_TEST_CASE(a_file_cut_at_any_byte_is_refused) {
  const temporary_folder t;
  for (const std::string& whole :
       {std::string("P5\n# c\n3 2\n255\nabcdef"), std::string("P2\n2 2\n255\n1 2 3 45"),
        std::string("P7\nWIDTH 1\nHEIGHT 2\nDEPTH 1\nMAXVAL 255\nENDHDR\nab"),
        std::string("Pf\n1 2\n-1\nabcdefgh")})
    for (std::size_t n = 3; n + (whole[1] == '2') < whole.size(); ++n) {
      write_bytes(t / "cut.pnm", whole.substr(0, n));
      BOOST_TEST_CONTEXT(whole.substr(0, 2) << ' ' << n)
      BOOST_CHECK_THROW(file_values(t / "cut.pnm"), ir::data_error);
    }
}

BOOST_AUTO_TEST_CASE(writes_the_kind_that_channels_and_type_ask_for) {
  const temporary_folder t;
  const std::vector<ir::axis> grey{{"y", "", 1}, {"x", "", 2}};
  const std::vector<ir::axis> rgb{{"c", "", 3}, {"y", "", 1}, {"x", "", 2}};
  const std::vector<ir::axis> rgba{{"c", "", 4}, {"y", "", 1}, {"x", "", 1}};
  const auto written = [&](dtype type, const auto& axes, const std::vector<double>& values,
                           const char* format = "pnm") {
    write_file(t / "a", format, header_of(type, axes), values);
    return read_bytes(t / "a");
  };

  BOOST_TEST(written(dtype::u8, grey, {'a', 'b'}) == "P5\n2 1\n255\nab");
  BOOST_TEST(written(dtype::u8, rgb, {'a', 'b', 'c', 'd', 'e', 'f'}) == "P6\n2 1\n255\nacebdf");
  BOOST_TEST(written(dtype::u8, rgba, {'a', 'b', 'c', 'd'}) ==
             "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcd");
  BOOST_TEST(written(dtype::u16, grey, {0x6162, 0x6364}) == "P5\n2 1\n65535\nabcd");
  const std::vector<ir::axis> column{{"y", "", 2}, {"x", "", 1}};
  BOOST_TEST(written(dtype::f32, column, {1, 2}, "pfm") ==
             "Pf\n1 2\n-1.0\n" + bytes_of(std::vector<float>{2, 1}));
  BOOST_TEST(written(dtype::u8, column, {1, 2}, "pfm") ==
             "Pf\n1 2\n-1.0\n" + bytes_of(std::vector<float>{2, 1}));
}

BOOST_AUTO_TEST_CASE(a_nominal_range_becomes_the_maximum_again) {
  const temporary_folder t;
  auto header = header_of(dtype::f32, {{"y", "", 1}, {"x", "", 3}}, 2);
  header.arrays[0].nominal = {{dtype::u16, {0, 1023}}};

  write_file(t / "a.pgm", "pnm", header, {0.4, 1023.6, 7, 8, 9, 2000});

  const auto back = cut(open_file(t / "a.pgm"), {});
  BOOST_TEST((data_of(back->header()).nominal == header.arrays[0].nominal));
  BOOST_TEST(all_values(*back) == (std::vector<double>{0, 1023, 7, 8, 9, 1023}), each);
}

BOOST_AUTO_TEST_CASE(frames_that_are_no_images_are_refused) {
  const temporary_folder t;
  const auto volume = header_of(dtype::u8, {{"z", "", 2}, {"y", "", 1}, {"x", "", 2}});
  const auto floats = header_of(dtype::f32, {{"y", "", 1}, {"x", "", 2}});
  const auto five = header_of(dtype::f32, {{"c", "", 5}, {"y", "", 1}, {"x", "", 2}});

  BOOST_CHECK_THROW(write_file(t / "a", "pnm", volume, {}), ir::usage_error);
  BOOST_CHECK_THROW(write_file(t / "a", "pnm", floats, {}), ir::usage_error);
  BOOST_CHECK_THROW(write_file(t / "a", "pfm", five, {}), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
