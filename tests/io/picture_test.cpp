#include <boost/test/unit_test.hpp>
#include <cstdint>

#include "io/metadata.hpp"
#include "support/files.hpp"

using namespace ir::test;

namespace {

std::string big_endian(std::uint32_t v) {
  return {char(v >> 24), char(v >> 16 & 255), char(v >> 8 & 255), char(v & 255)};
}

std::string chunk(const std::string& type, const std::string& data) {
  std::uint32_t crc = ~0u;
  for (const char c : type + data) {
    crc ^= std::uint8_t(c);
    for (int k = 0; k < 8; ++k) crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
  }
  return big_endian(std::uint32_t(data.size())) + type + data + big_endian(~crc);
}

/// A PNG of these lines (each with its filter's number in front), not compressed.
std::string png(std::uint32_t height, std::uint32_t width, int bits, int colour,
                const std::string& lines, const std::string& more = {}) {
  std::uint32_t a = 1, b = 0;
  for (const char c : lines) a = (a + std::uint8_t(c)) % 65521, b = (b + a) % 65521;
  const auto n = std::uint16_t(lines.size());
  const std::string stored{1, char(n & 255), char(n >> 8), char(~n & 255), char(~n >> 8 & 255)};
  const std::string head =
      big_endian(width) + big_endian(height) + char(bits) + char(colour) + std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", head) + more +
         chunk("IDAT", "\x78\x01" + stored + lines + big_endian(b << 16 | a)) + chunk("IEND", "");
}

std::string message_of(const std::string& path) {
  try {
    file_values(path);
  } catch (const ir::data_error& e) {
    return e.what();
  }
  return "no error";
}

std::string from_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    out += char(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}

/// 8 lines of 8 pixels 77 and 8 pixels 200.
const std::string gray_jpeg = from_hex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300030202030202030303030403030405080505040405"
    "0a070706080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffc000"
    "0b080008001001011100ffc4001500010100000000000000000000000000000809ffc40014100100000000000000"
    "000000000000000000ffda0008010100003f003baa43ffd9");

std::vector<double> noise(ir::index_t n, unsigned modulus) {
  std::vector<double> v(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = double((i * i * 7919 + i) % modulus);
  return v;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pictures)

BOOST_AUTO_TEST_CASE(png_of_8_and_16_bits_keep_their_values) {
  const temporary_folder t;
  using list = std::vector<double>;
  const auto read = [&](const std::string& bytes) {
    write_bytes(t / "a.png", bytes);
    return file_values(t / "a.png");
  };

  BOOST_TEST(read(png(1, 3, 8, 0, std::string("\0\1\2\3", 4))) == (list{1, 2, 3}));
  BOOST_TEST(read(png(1, 2, 16, 0, std::string("\0\1\2\3\4", 5))) == (list{258, 772}));
  BOOST_TEST(read(png(1, 2, 8, 2, std::string("\0\1\2\3\4\5\6", 7))) == (list{1, 4, 2, 5, 3, 6}));
  BOOST_TEST(read(png(1, 2, 8, 4, std::string("\0\1\2\3\4", 5))) == (list{1, 3, 2, 4}));
  BOOST_TEST(read(png(1, 1, 8, 6, std::string("\0\1\2\3\4", 5))) == (list{1, 2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(png_of_few_bits_palettes_and_transparent_colours_are_expanded) {
  const temporary_folder t;
  using list = std::vector<double>;
  const auto read = [&](const std::string& bytes) {
    write_bytes(t / "a.png", bytes);
    return file_values(t / "a.png");
  };
  const std::string palette = chunk("PLTE", "\1\2\3\4\5\6");

  BOOST_TEST(read(png(1, 4, 1, 0, {0, char(0xa0)})) == (list{255, 0, 255, 0}));
  BOOST_TEST(read(png(1, 4, 2, 0, {0, char(0x1b)})) == (list{0, 85, 170, 255}));
  BOOST_TEST(read(png(1, 2, 4, 0, {0, char(0x1f)})) == (list{17, 255}));
  BOOST_TEST(read(png(1, 2, 1, 3, {0, char(0x40)}, palette)) == (list{1, 4, 2, 5, 3, 6}));
  BOOST_TEST(read(png(1, 2, 1, 3, {0, char(0x40)}, palette + chunk("tRNS", "\x80"))) ==
             (list{1, 4, 2, 5, 3, 6, 128, 255}));
}

BOOST_AUTO_TEST_CASE(gamma_is_never_applied) {
  const temporary_folder t;
  write_bytes(t / "a.png",
              png(1, 3, 8, 0, std::string("\0\1\x64\xc8", 4), chunk("gAMA", big_endian(220000))));

  BOOST_TEST(file_values(t / "a.png") == (std::vector<double>{1, 100, 200}));
}

BOOST_AUTO_TEST_CASE(png_of_every_kind_is_read_back) {
  const temporary_folder t;
  for (const ir::dtype type : {ir::dtype::u8, ir::dtype::u16})
    for (const ir::index_t channels : {0, 2, 3, 4}) {
      std::vector<ir::axis> axes{{"y", "", 300}, {"x", "", 411}};
      if (channels > 0) axes.insert(axes.begin(), {"c", "", channels});
      const auto values = noise(300 * 411 * std::max<ir::index_t>(1, channels),
                                type == ir::dtype::u8 ? 251 : 65521);

      write_file(t / "a.png", "png", header_of(type, axes), values);

      BOOST_TEST_CONTEXT(name_of(type) << " of " << channels) {
        BOOST_TEST((file_values(t / "a.png") == values));
        BOOST_TEST(extents_of(open_file(t / "a.png").arrays[0]->info()).rank() == int(axes.size()));
      }
    }
}

BOOST_AUTO_TEST_CASE(png_of_one_line_or_one_column_is_read_back) {
  const temporary_folder t;
  for (const auto& [h, w] : {std::pair<ir::index_t, ir::index_t>{1, 9}, {9, 1}, {1, 1}}) {
    write_file(t / "a.png", "png", header_of(ir::dtype::u16, {{"y", "", h}, {"x", "", w}}),
               noise(h * w, 65521));
    BOOST_TEST(file_values(t / "a.png") == noise(h * w, 65521), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(png_keeps_pixel_size_and_history) {
  const temporary_folder t;
  auto header = header_of(ir::dtype::u8, {{"y", "um", 2, 0.5, 1}, {"x", "um", 3, 0.25, -2}});
  header.meta = ir::with_command(nullptr, "ir-noise --sigma 2");

  write_file(t / "a.png", "png", header, counting(6));

  const auto contents = open_file(t / "a.png");
  BOOST_TEST((contents.arrays[0]->info().axes == header.arrays[0].axes));
  BOOST_REQUIRE(contents.meta != nullptr);
  BOOST_TEST(contents.meta->dump() == header.meta->dump());
}

BOOST_AUTO_TEST_CASE(png_takes_one_image_of_8_or_16_bits) {
  const temporary_folder t;
  const std::vector<ir::axis> image{{"y", "", 2}, {"x", "", 3}};
  const auto floats = header_of(ir::dtype::f32, image);
  const auto volume = header_of(ir::dtype::u8, {{"z", "", 2}, {"y", "", 2}, {"x", "", 3}});
  const auto stack = header_of(ir::dtype::u8, image, 2);

  BOOST_CHECK_THROW(write_file(t / "a.png", "png", floats, counting(6)), ir::usage_error);
  BOOST_CHECK_THROW(write_file(t / "a.png", "png", volume, counting(12)), ir::usage_error);
  BOOST_CHECK_THROW(write_file(t / "a.png", "png", stack, counting(12)), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(a_png_cut_or_damaged_anywhere_is_refused_by_name) {
  const temporary_folder t;
  write_file(t / "a.png", "png", header_of(ir::dtype::u16, {{"y", "", 5}, {"x", "", 7}}),
             noise(35, 65521));
  const std::string whole = read_bytes(t / "a.png");
  const std::size_t data = whole.find("IDAT"), end = whole.find("IEND");

  for (std::size_t n = 8; n < whole.size(); ++n) {
    write_bytes(t / "cut.png", whole.substr(0, n));
    BOOST_TEST_CONTEXT(n)
    BOOST_TEST(message_of(t / "cut.png").find("cut.png: damaged PNG") != std::string::npos);
  }
  for (std::size_t at = data; at < end - 4; ++at) {
    std::string bad = whole;
    bad[at] = char(bad[at] ^ 4);
    write_bytes(t / "bad.png", bad);
    BOOST_TEST_CONTEXT(at) BOOST_CHECK_THROW(file_values(t / "bad.png"), ir::data_error);
  }
}

BOOST_AUTO_TEST_CASE(jpeg_is_read) {
  const temporary_folder t;
  write_bytes(t / "a.jpg", gray_jpeg);

  const auto values = file_values(t / "a.jpg");

  BOOST_TEST(values.size() == 128u);
  BOOST_TEST(values[0] == 77);
  BOOST_TEST(values[127] == 200);
}

BOOST_AUTO_TEST_CASE(a_jpeg_that_is_cut_or_patched_up_is_refused_by_name) {
  const temporary_folder t;
  for (std::size_t n = 3; n < gray_jpeg.size(); ++n) {
    write_bytes(t / "cut.jpg", gray_jpeg.substr(0, n));
    BOOST_TEST_CONTEXT(n)
    BOOST_TEST(message_of(t / "cut.jpg").find("cut.jpg: damaged JPEG") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
