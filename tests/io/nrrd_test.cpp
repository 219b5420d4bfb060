#include <boost/test/unit_test.hpp>

#include "io/gzip.hpp"
#include "support/files.hpp"

using namespace ir::test;
using ir::dtype;

namespace {

constexpr auto each = boost::test_tools::per_element();
using strings = std::vector<std::string>;

std::string gzip(const std::string& data) {
  const temporary_folder t;
  ir::descriptor file = ir::descriptor::create(t / "z");
  ir::gzip_writer z(file, 6);
  z.write(std::as_bytes(std::span(data)));
  z.finish();
  return read_bytes(t / "z");
}

/// A header with these lines between magic and blank line.
std::string nrrd(const std::string& lines, const std::string& data) {
  return "NRRD0004\n# a comment\n" + lines + "\n" + data;
}
const std::string u16_lines =
    "type: unsigned short\ndimension: 2\nsizes: 3 2\nencoding: raw\nendian: little\n";
const std::string six = bytes_of(std::vector<std::uint16_t>{0, 1, 2, 3, 4, 5});

std::string refusal(const temporary_folder& t, const std::string& bytes) {
  write_bytes(t / "a.nrrd", bytes);
  try {
    file_values(t / "a.nrrd");
  } catch (const ir::data_error& e) {
    return e.what();
  }
  return "no error";
}
bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nrrd_files)

BOOST_AUTO_TEST_CASE(reads_raw_data_of_both_byte_orders) {
  const temporary_folder t;
  std::string big = u16_lines;
  big.replace(big.find("little"), 6, "big");
  write_bytes(t / "le.nrrd", nrrd(u16_lines, six));
  write_bytes(t / "be.nrrd",
              nrrd(big, swapped_bytes_of(std::vector<std::uint16_t>{0, 1, 2, 3, 4, 5})));

  BOOST_TEST(file_values(t / "le.nrrd") == counting(6), each);
  BOOST_TEST(file_values(t / "be.nrrd") == counting(6), each);
}

BOOST_AUTO_TEST_CASE(reads_every_type_by_each_of_its_names) {
  const temporary_folder t;
  const auto check = [&]<class T>(T, const strings& names) {
    for (const std::string& name : names) {
      write_bytes(
          t / "a.nrrd",
          nrrd("type: " + name + "\ndimension: 1\nsizes: 3\nencoding: raw\nendian: little\n",
               bytes_of(std::vector<T>{1, 2, 3})));
      BOOST_TEST_CONTEXT(name) BOOST_TEST(file_values(t / "a.nrrd") == counting(3, 1), each);
    }
  };

  check(std::uint8_t{}, {"uchar", "unsigned char", "uint8", "uint8_t"});
  check(std::int8_t{}, {"signed char", "int8", "int8_t"});
  check(std::uint16_t{}, {"ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"});
  check(std::int16_t{}, {"short", "short int", "signed short", "int16", "int16_t"});
  check(std::uint32_t{}, {"uint", "unsigned int", "uint32", "uint32_t"});
  check(std::int32_t{}, {"int", "signed int", "int32", "int32_t"});
  check(float{}, {"float"});
  check(double{}, {"double"});
}

BOOST_AUTO_TEST_CASE(reads_gzip_in_one_or_several_members) {
  const temporary_folder t;
  std::string lines = u16_lines;
  lines.replace(lines.find("raw"), 3, "gzip");
  write_bytes(t / "a.nrrd", nrrd(lines, gzip(six)));
  write_bytes(t / "b.nrrd", nrrd(lines, gzip(six.substr(0, 5)) + gzip(six.substr(5))));

  BOOST_TEST(file_values(t / "a.nrrd") == counting(6), each);
  BOOST_TEST(file_values(t / "b.nrrd") == counting(6), each);
}

BOOST_AUTO_TEST_CASE(geometry_comes_from_spacings_or_from_space_directions) {
  const temporary_folder t;
  write_bytes(t / "a.nrrd", nrrd(u16_lines + "spacings: 0.5 nan\naxis mins: 10 0\n"
                                             "centers: cell node\nunits: \"mm\" \"\"\n",
                                 six));
  write_bytes(t / "b.nrrd",
              nrrd(u16_lines + "space: left-posterior-superior\nspace directions: (0,3,4) (2,0,0)\n"
                               "space origin: (1,10,0)\nspace units: \"um\" \"um\" \"um\"\n",
                   six));

  const auto a = open_file(t / "a.nrrd"), b = open_file(t / "b.nrrd");

  const auto& x = a.arrays[0]->info().axes[1];
  BOOST_TEST(x.spacing == 0.5);
  BOOST_TEST(x.origin == 10.25);
  BOOST_TEST(x.unit == "mm");
  BOOST_TEST(a.arrays[0]->info().axes[0].spacing == 1);
  const auto& axes = b.arrays[0]->info().axes;
  BOOST_TEST(axes[1].spacing == 5);
  BOOST_TEST(axes[1].origin == 6);
  BOOST_TEST(axes[0].spacing == 2);
  BOOST_TEST(axes[0].origin == 1);
  BOOST_TEST(axes[0].unit == "um");
}

BOOST_AUTO_TEST_CASE(colour_and_time_are_known_by_their_kinds_and_names_by_labels) {
  const temporary_folder t;
  const std::string rest = "encoding: raw\n";
  write_bytes(t / "rgb.nrrd", nrrd("type: uint8\ndimension: 3\nsizes: 3 2 1\n"
                                   "kinds: RGB-color space space\n" +
                                       rest,
                                   "abcdef"));
  write_bytes(t / "time.nrrd", nrrd("type: uint8\ndimension: 3\nsizes: 3 1 2\n"
                                    "kinds: domain domain time\nlabels: \"u\" \"v\" \"angle\"\n" +
                                        rest,
                                    "abcdef"));

  const auto rgb = cut(open_file(t / "rgb.nrrd"), {}), time = cut(open_file(t / "time.nrrd"), {});

  BOOST_TEST(data_of(rgb->header()).axes[0].name == "c");
  BOOST_TEST(all_values(*rgb) == (std::vector<double>{'a', 'd', 'b', 'e', 'c', 'f'}), each);
  BOOST_TEST(time->header().along.name == "angle");
  BOOST_TEST(data_of(time->header()).axes[1].name == "u");
}

BOOST_AUTO_TEST_CASE(two_floats_of_kind_complex_are_one_number) {
  const temporary_folder t;
  write_bytes(t / "c.nrrd", nrrd("type: float\ndimension: 2\nsizes: 2 3\nkinds: complex domain\n"
                                 "encoding: raw\nendian: little\n",
                                 bytes_of(std::vector<float>{0, 1, 2, 3, 4, 5})));

  const auto c = open_file(t / "c.nrrd");

  BOOST_TEST((c.arrays[0]->info().type == dtype::c64));
  BOOST_TEST(c.arrays[0]->info().axes.size() == 1u);
  BOOST_TEST(file_values(t / "c.nrrd") == counting(6), each);
}

BOOST_AUTO_TEST_CASE(byte_skip_finds_the_data) {
  const temporary_folder t;
  write_bytes(t / "a.nrrd", nrrd(u16_lines + "byte skip: 3\n", "xyz" + six));
  write_bytes(t / "b.nrrd", nrrd(u16_lines + "byteskip: -1\n", "whatever" + six));

  BOOST_TEST(file_values(t / "a.nrrd") == counting(6), each);
  BOOST_TEST(file_values(t / "b.nrrd") == counting(6), each);
}

BOOST_AUTO_TEST_CASE(what_is_not_understood_is_refused_with_the_reason) {
  const temporary_folder t;
  const auto with = [](const std::string& from, const std::string& to) {
    std::string lines = u16_lines;
    lines.replace(lines.find(from), from.size(), to);
    return nrrd(lines, six);
  };

  BOOST_TEST(contains(refusal(t, nrrd(u16_lines + "data file: b.raw\n", "")), "detached"));
  BOOST_TEST(contains(refusal(t, with("unsigned short", "longlong")), "longlong"));
  BOOST_TEST(contains(refusal(t, with("unsigned short", "block")), "block"));
  BOOST_TEST(contains(refusal(t, with("raw", "bzip2")), "bzip2"));
  BOOST_TEST(contains(refusal(t, with("raw", "ascii")), "ascii"));
  BOOST_TEST(contains(refusal(t, with("endian: little\n", "")), "endian"));
  BOOST_TEST(contains(refusal(t, with("dimension: 2", "dimension: 3")), "dimension"));
  BOOST_TEST(contains(refusal(t, with("sizes: 3 2", "sizes: 3 x")), "no size"));
  BOOST_TEST(contains(refusal(t, with("sizes: 3 2", "sizes: 3 0")), "no elements"));
  BOOST_TEST(contains(refusal(t, with("sizes: 3 2", "sizes: 4611686018427387904 4")), "too large"));
  BOOST_TEST(contains(refusal(t, with("sizes: 3 2", "sizes: 3 3")), "needs 18"));
  BOOST_TEST(contains(refusal(t, with("sizes: 3 2", "sizes: 3 1")), "needs 6"));
  BOOST_TEST(contains(refusal(t, nrrd(u16_lines + "kinds: domain\n", six)), "1 entries for 2"));
  BOOST_TEST(contains(refusal(t, nrrd(u16_lines + "type: float\n", six)), "twice"));
  BOOST_TEST(contains(refusal(t, nrrd(u16_lines + "nonsense\n", six)), "without colon"));
  BOOST_TEST(contains(refusal(t, nrrd(u16_lines + "line skip: 1\n", six)), "line skip"));
  BOOST_TEST(contains(refusal(t, nrrd(u16_lines + "space directions: (1,a) (1,2)\n", six)), "vector"));
}

BOOST_AUTO_TEST_CASE(a_file_cut_at_any_byte_is_refused) {
  const temporary_folder t;
  std::string gz = u16_lines;
  gz.replace(gz.find("raw"), 3, "gzip");
  for (const std::string& whole : {nrrd(u16_lines, six), nrrd(gz, gzip(six))})
    for (std::size_t n = 8; n < whole.size(); ++n) {
      write_bytes(t / "cut.nrrd", whole.substr(0, n));
      BOOST_TEST_CONTEXT(n) BOOST_CHECK_THROW(file_values(t / "cut.nrrd"), ir::data_error);
    }
}

BOOST_AUTO_TEST_CASE(compressed_data_of_another_length_are_refused) {
  const temporary_folder t;
  std::string lines = u16_lines;
  lines.replace(lines.find("raw"), 3, "gzip");

  BOOST_TEST(contains(refusal(t, nrrd(lines, gzip(six + "x"))), "not the 12 bytes"));
  BOOST_TEST(contains(refusal(t, nrrd(lines, gzip(six.substr(1)))), "not the 12 bytes"));
  BOOST_TEST(contains(refusal(t, nrrd(lines, "not gzip at all")), "damaged"));
  lines.replace(lines.find("3 2"), 3, "300000 200000");
  BOOST_TEST(contains(refusal(t, nrrd(lines, gzip(six))), "cannot hold"));
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_with_its_geometry) {
  const temporary_folder t;
  for (const int compression : {0, 6})
    for (int k = 0; k <= static_cast<int>(dtype::c128); ++k) {
      const auto type = static_cast<dtype>(k);
      if (type == dtype::f16) continue;
      auto header = header_of(type, {{"v", "mm", 2, 0.25, -3}, {"u", "mm", 3, 0.5, 7}}, 2);
      header.along = {"angle", "deg", 2, 1.5, 90};
      const auto values = counting(is_complex(type) ? 24 : 12);
      ir::create_options o;
      o.compression = compression;

      write_file(t / "a.nrrd", "nrrd", header, values, o);

      BOOST_TEST_CONTEXT(name_of(type) << " compression " << compression) {
        ir::selection s;
        s.along = "angle";
        const auto back = cut(open_file(t / "a.nrrd"), s);
        BOOST_TEST((data_of(back->header()).type == type));
        BOOST_TEST((data_of(back->header()).axes == data_of(header).axes));
        BOOST_TEST((back->header().along == header.along));
        BOOST_TEST(all_values(*back) == values, each);
      }
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_number_of_frames_is_filled_in_at_the_end) {
  const temporary_folder t;
  auto header = header_of(dtype::u8, {{"y", "", 2}, {"x", "", 2}}, 1);
  header.arrays[0].frames.reset();
  header.arrays[0].nominal = {{dtype::u8, {0, 200}}};

  write_file(t / "a.nrrd", "nrrd", header, counting(4 * 11));

  const auto back = cut(open_file(t / "a.nrrd"), {});
  BOOST_TEST(back->header().along.size == 11);
  BOOST_TEST((data_of(back->header()).nominal == header.arrays[0].nominal));
  BOOST_TEST(all_values(*back) == counting(44), each);
}

BOOST_AUTO_TEST_SUITE_END()
