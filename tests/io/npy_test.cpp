#include <boost/test/unit_test.hpp>
#include <complex>

#include "support/files.hpp"

using namespace ir::test;

namespace {

std::string npy(const std::string& header, const std::string& data, int version = 1) {
  std::string text = header;
  const std::size_t fixed = version == 1 ? 10 : 12;
  text.resize((text.size() + fixed + 1 + 63) / 64 * 64 - fixed - 1, ' ');
  text += '\n';
  std::string out("\x93NUMPY");
  out += static_cast<char>(version);
  out += '\0';
  for (std::size_t i = 0; i < fixed - 8; ++i) out += static_cast<char>(text.size() >> 8 * i & 255);
  return out + text + data;
}
std::string header(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(npy_files)

BOOST_AUTO_TEST_CASE(reads_every_type_in_both_byte_orders) {
  const temporary_folder t;
  const std::vector<double> expected{1, 2, 3, 4, 5, 6};
  const auto check = [&]<class T>(const std::string& kind, T) {
    const std::vector<T> v{1, 2, 3, 4, 5, 6};
    write_bytes(t / "le.npy", npy(header("<" + kind, "(2, 3)"), bytes_of(v)));
    write_bytes(t / "be.npy", npy(header(">" + kind, "(2, 3)"), swapped_bytes_of(v)));
    BOOST_TEST_CONTEXT(kind) {
      BOOST_TEST(file_values(t / "le.npy") == expected, boost::test_tools::per_element());
      BOOST_TEST(file_values(t / "be.npy") == expected, boost::test_tools::per_element());
    }
  };

  check("u1", std::uint8_t{});
  check("i1", std::int8_t{});
  check("u2", std::uint16_t{});
  check("i2", std::int16_t{});
  check("u4", std::uint32_t{});
  check("i4", std::int32_t{});
  check("f4", float{});
  check("f8", double{});
}

BOOST_AUTO_TEST_CASE(reads_half_floats_booleans_and_complex_numbers) {
  const temporary_folder t;

  write_bytes(t / "h.npy",
              npy(header("<f2", "(2,)"), bytes_of(std::vector<std::uint16_t>{0x3c00, 0xc500})));
  write_bytes(t / "b.npy", npy(header("|b1", "(3,)"), std::string("\0\1\1", 3)));
  write_bytes(t / "c.npy",
              npy(header(">c8", "(2,)"), swapped_bytes_of(std::vector<float>{1, -2, 3, 4})));
  write_bytes(t / "d.npy", npy(header("<c16", "(1,)"), bytes_of(std::vector<double>{5, 6})));

  BOOST_TEST(file_values(t / "h.npy") == (std::vector<double>{1, -5}),
             boost::test_tools::per_element());
  BOOST_TEST(file_values(t / "b.npy") == (std::vector<double>{0, 1, 1}),
             boost::test_tools::per_element());
  BOOST_TEST(file_values(t / "c.npy") == (std::vector<double>{1, -2, 3, 4}),
             boost::test_tools::per_element());
  BOOST_TEST(file_values(t / "d.npy") == (std::vector<double>{5, 6}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(fortran_order_gives_the_same_array) {
  const temporary_folder t;
  // a[k][j][i] = 100 k + 10 j + i of shape (2, 3, 4): the first index runs fastest in the file.
  std::vector<std::int32_t> stored;
  std::vector<double> expected;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 2; ++k) stored.push_back(100 * k + 10 * j + i);
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 4; ++i) expected.push_back(100 * k + 10 * j + i);
  write_bytes(t / "f.npy", npy(header("<i4", "(2, 3, 4)", true), bytes_of(stored)));

  BOOST_TEST(file_values(t / "f.npy") == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reads_versions_2_and_3_and_headers_of_other_writers) {
  const temporary_folder t;
  const std::string data = bytes_of(std::vector<float>{1, 2});

  for (const int version : {2, 3}) {
    write_bytes(t / "a.npy", npy(header("<f4", "(2,)"), data, version));
    BOOST_TEST(file_values(t / "a.npy").size() == 2u);
  }
  write_bytes(t / "b.npy",
              npy("{\"shape\":(2L,),\"descr\":\"<f4\",\"fortran_order\":False}", data));
  BOOST_TEST(file_values(t / "b.npy").size() == 2u);
  write_bytes(t / "c.npy", npy(header("<f4", "()"), bytes_of(std::vector<float>{7})));
  BOOST_TEST(file_values(t / "c.npy") == std::vector<double>{7});
}

BOOST_AUTO_TEST_CASE(refuses_what_cannot_be_held_and_says_what_to_do) {
  const temporary_folder t;
  const auto message = [&](const std::string& head) {
    write_bytes(t / "a.npy", npy(head, std::string(16, '\0')));
    try {
      open_file(t / "a.npy");
    } catch (const ir::data_error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };

  BOOST_TEST(message(header("<i8", "(2,)")).find("astype") != std::string::npos);
  BOOST_TEST(message(header("<u8", "(2,)")).find("uint64") != std::string::npos);
  BOOST_TEST(message(header("|O", "(2,)")).find("objects") != std::string::npos);
  BOOST_TEST(
      message("{'descr': [('a', '<f4'), ('b', '<f4')], 'fortran_order': False, 'shape': (2,), }")
          .find("structured") != std::string::npos);
  BOOST_TEST(message(header("<U4", "(1,)")).find("not read") != std::string::npos);
  BOOST_TEST(message(header("<f16", "(1,)")).find("not read") != std::string::npos);
  BOOST_TEST(message(header("<f4", "(0, 4)")).find("no elements") != std::string::npos);
  BOOST_TEST(message(header("<f4", "(5,)")).find("needs 20") != std::string::npos);
  BOOST_TEST(message(header("<f4", "(3,)")).find("needs 12") != std::string::npos);
  BOOST_TEST(message(header("<f4", "(-4, -1)")).find("no elements") != std::string::npos);
  BOOST_TEST(message(header("<f4", "(4294967296, 4294967296)")).find("too large") !=
             std::string::npos);
  BOOST_TEST(message("{'descr': '<f4', 'shape': (4,), }").find("expected") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_cut_at_any_byte_is_refused) {
  const temporary_folder t;
  const std::string whole =
      npy(header("<u2", "(3, 5)"), bytes_of(std::vector<std::uint16_t>(15, 7)));

  for (std::size_t n = 6; n < whole.size(); ++n) {
    write_bytes(t / "cut.npy", whole.substr(0, n));
    BOOST_TEST_CONTEXT(n) BOOST_CHECK_THROW(file_values(t / "cut.npy"), ir::data_error);
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_in_every_type) {
  const temporary_folder t;
  for (int k = 0; k <= static_cast<int>(ir::dtype::c128); ++k) {
    const auto type = static_cast<ir::dtype>(k);
    const auto header = header_of(type, {{"y", "", 2}, {"x", "", 3}}, 2);
    const auto values = counting(is_complex(type) ? 24 : 12);

    write_file(t / "a.npy", "npy", header, values);

    BOOST_TEST_CONTEXT(name_of(type)) {
      const auto back = cut(open_file(t / "a.npy"), {});
      BOOST_TEST((data_of(back->header()).type == type));
      BOOST_TEST(back->header().along.size == 2);
      BOOST_TEST(all_values(*back) == values, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_number_of_frames_is_written_when_it_is_known) {
  const temporary_folder t;
  auto header = header_of(ir::dtype::f32, {{"y", "", 2}, {"x", "", 2}}, 1);
  header.arrays[0].frames.reset();
  header.along.size = 0;

  write_file(t / "a.npy", "npy", header, counting(12));

  BOOST_TEST(cut(open_file(t / "a.npy"), {})->header().along.size == 3);
  BOOST_TEST(read_bytes(t / "a.npy").size() == 256u + 48);
}

BOOST_AUTO_TEST_CASE(raw_files_need_shape_and_type_and_may_be_stacks) {
  const temporary_folder t;
  write_bytes(t / "a.raw", "12" + bytes_of(std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  ir::open_options o;
  o.raw_shape = ir::shape{2, 2};
  o.raw_type = ir::dtype::u16;
  o.raw_skip = 2;
  const ir::format& raw = *ir::format_named("raw");

  const auto stack = cut(raw.open(t / "a.raw", o), {});

  BOOST_TEST(stack->header().along.size == 2);
  BOOST_TEST(all_values(*stack) == counting(8, 1), boost::test_tools::per_element());
  o.raw_shape = ir::shape{3, 2};
  BOOST_CHECK_THROW(raw.open(t / "a.raw", o), ir::data_error);
  o.raw_type.reset();
  BOOST_CHECK_THROW(raw.open(t / "a.raw", o), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
