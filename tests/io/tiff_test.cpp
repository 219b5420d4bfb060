#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <complex>
#include <random>

#include "io/metadata.hpp"
#include "io/tiff_fixture.hpp"
#include "support/files.hpp"

using namespace ir::test;
using tb = tiff_builder;

namespace {

template <class T>
std::string stored(const std::vector<T>& values, bool big_endian) {
  return big_endian ? swapped_bytes_of(values) : bytes_of(values);
}

/// A stack of 2x3 pages of u16, counting up.
std::string counting_stack(int pages, const std::string& text = {}) {
  tb file;
  for (int p = 0; p < pages; ++p) {
    std::vector<std::uint16_t> v(6);
    for (int i = 0; i < 6; ++i) v[std::size_t(i)] = std::uint16_t(6 * p + i);
    auto tags = tb::gray(2, 3, 16, 1, file.add(bytes_of(v)), 12);
    if (p == 0 && !text.empty()) tags = tb::with(tags, tb::description(text));
    file.page(tags);
  }
  return file.bytes();
}

std::string message_of(const std::string& path) {
  try {
    file_values(path);
  } catch (const ir::data_error& e) {
    return e.what();
  }
  return "no error";
}

std::vector<std::string> names_of(const ir::array_info& info) {
  std::vector<std::string> names;
  for (const ir::axis& a : info.axes) names.push_back(a.name);
  return names;
}

/// Random boxes of a file against the same boxes of all its values.
void check_boxes(const std::string& path) {
  const auto contents = open_file(path);
  const ir::box_source& file = *contents.arrays.back();
  const ir::shape all = extents_of(file.info());
  const ir::index_t size = size_of(file.info().type);
  std::vector<char> whole(std::size_t(all.count() * size));
  file.read(ir::shape(std::vector<ir::index_t>(std::size_t(all.rank()), 0)), all,
            ir::ref(whole.data(), file.info().type, all));
  std::mt19937 random(1);
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<ir::index_t> origin, extents;
    for (int i = 0; i < all.rank(); ++i) {
      origin.push_back(ir::index_t(random() % std::uint64_t(all[i])));
      extents.push_back(1 + ir::index_t(random() % std::uint64_t(all[i] - origin.back())));
    }
    const ir::shape n(extents);
    std::vector<char> box(std::size_t(n.count() * size)), expected;
    file.read(ir::shape(origin), n, ir::ref(box.data(), file.info().type, n));
    for (ir::index_t k = 0; k < n.count(); ++k) {
      ir::index_t at = 0, rest = k, scale = 1;
      for (int i = all.rank() - 1; i >= 0; --i) {
        at += (origin[std::size_t(i)] + rest % n[i]) * scale;
        rest /= n[i];
        scale *= all[i];
      }
      expected.insert(expected.end(), &whole[std::size_t(at * size)],
                      &whole[std::size_t(at * size)] + size);
    }
    BOOST_TEST_CONTEXT(path << " box " << n << " at " << ir::shape(origin))
    BOOST_TEST((box == expected));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tiff_files)

BOOST_AUTO_TEST_CASE(reads_every_type_in_both_byte_orders_and_sizes_of_file) {
  const temporary_folder t;
  const auto check = [&]<class T>(T, std::uint64_t format, ir::dtype type) {
    const std::vector<T> v{T(1), T(2), T(3), T(4), T(5), T(6)};
    for (const bool big_endian : {false, true})
      for (const bool big_tiff : {false, true}) {
        tb file(big_endian, big_tiff);
        const auto at = file.add(stored(v, big_endian));
        file.page(tb::gray(2, 3, 8 * sizeof(T), format, at, 6 * sizeof(T)));
        write_bytes(t / "a.tif", file.bytes());
        BOOST_TEST_CONTEXT(name_of(type) << big_endian << big_tiff) {
          BOOST_TEST((open_file(t / "a.tif").arrays[0]->info().type == type));
          BOOST_TEST(file_values(t / "a.tif") == counting(6, 1), boost::test_tools::per_element());
        }
      }
  };

  check(std::uint8_t{}, 1, ir::dtype::u8);
  check(std::int8_t{}, 2, ir::dtype::i8);
  check(std::uint16_t{}, 1, ir::dtype::u16);
  check(std::int16_t{}, 2, ir::dtype::i16);
  check(std::uint32_t{}, 1, ir::dtype::u32);
  check(std::int32_t{}, 2, ir::dtype::i32);
  check(float{}, 3, ir::dtype::f32);
  check(double{}, 3, ir::dtype::f64);
}

BOOST_AUTO_TEST_CASE(reads_half_floats_and_complex_numbers) {
  const temporary_folder t;
  tb half(true), complex(true);
  const auto a = half.add(swapped_bytes_of(std::vector<std::uint16_t>{0x3c00, 0xc500}));
  const auto b = complex.add(swapped_bytes_of(std::vector<float>{1, -2, 3, 4}));

  write_bytes(t / "h.tif", half.page(tb::gray(1, 2, 16, 3, a, 4)).bytes());
  write_bytes(t / "c.tif", complex.page(tb::gray(1, 2, 64, 6, b, 16)).bytes());

  BOOST_TEST(file_values(t / "h.tif") == (std::vector<double>{1, -5}),
             boost::test_tools::per_element());
  BOOST_TEST(file_values(t / "c.tif") == (std::vector<double>{1, -2, 3, 4}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(negative_numbers_and_large_unsigned_ones_keep_their_values) {
  const temporary_folder t;
  tb a, b;
  const auto at = a.add(bytes_of(std::vector<std::int16_t>{-5, 32767}));
  const auto bt = b.add(bytes_of(std::vector<std::uint32_t>{1005, 4294967295u}));

  write_bytes(t / "a.tif", a.page(tb::gray(1, 2, 16, 2, at, 4)).bytes());
  write_bytes(t / "b.tif", b.page(tb::gray(1, 2, 32, 1, bt, 8)).bytes());

  BOOST_TEST(file_values(t / "a.tif") == (std::vector<double>{-5, 32767}));
  BOOST_TEST(file_values(t / "b.tif") == (std::vector<double>{1005, 4294967295.0}));
}

BOOST_AUTO_TEST_CASE(packed_samples_become_numbers_and_their_range_is_nominal) {
  const temporary_folder t;
  const auto read = [&](std::uint64_t bits, const std::string& data, double highest) {
    tb file;
    const auto at = file.add(data);
    write_bytes(t / "a.tif", file.page(tb::gray(2, 3, bits, 1, at, data.size())).bytes());
    BOOST_TEST((open_file(t / "a.tif").arrays[0]->info().nominal->range[1]) == highest);
    return file_values(t / "a.tif");
  };

  // Lines start at whole bytes: 3 pixels of 1, 2, 4 bits are padded, those of 12 bits fill 5 bytes.
  BOOST_TEST(read(1, {char(0xa0), char(0x40)}, 1) == (std::vector<double>{1, 0, 1, 0, 1, 0}));
  BOOST_TEST(read(2, {char(0x6c), char(0xe4)}, 3) == (std::vector<double>{1, 2, 3, 3, 2, 1}));
  BOOST_TEST(read(4, {0x12, 0x30, char(0xfe), char(0xd0)}, 15) ==
             (std::vector<double>{1, 2, 3, 15, 14, 13}));
  BOOST_TEST(read(12, {0x12, 0x34, 0x56, char(0xff), char(0xf0), 0, 0x10, 0x02, 0, 0x30}, 4095) ==
             (std::vector<double>{0x123, 0x456, 0xfff, 1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(more_is_brighter_also_where_the_file_says_min_is_white) {
  const temporary_folder t;
  tb a, b;
  const auto at = a.add(std::string("\0\1\xff\x80", 4));
  const auto bt = b.add(bytes_of(std::vector<float>{0, 1}));

  write_bytes(t / "a.tif",
              a.page(tb::with(tb::gray(1, 4, 8, 1, at, 4), {262, tb::u16, {0}})).bytes());
  write_bytes(t / "b.tif",
              b.page(tb::with(tb::gray(1, 2, 32, 3, bt, 8), {262, tb::u16, {0}})).bytes());

  BOOST_TEST(file_values(t / "a.tif") == (std::vector<double>{255, 254, 0, 127}));
  BOOST_TEST(message_of(t / "b.tif").find("min-is-white") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(palettes_are_expanded_to_8_bits_where_that_holds_them_and_16_else) {
  const temporary_folder t;
  const auto read = [&](std::uint64_t first) {
    tb file;
    const auto at = file.add(std::string("\x1b", 1));  // 0 1 2 3
    auto tags = tb::with(tb::gray(1, 4, 2, 1, at, 1), {262, tb::u16, {3}});
    tags = tb::with(tags, {320, tb::u16, {first, 256, 512, 0, 0, 0, 65280, 0, 768, 0, 0, 1024}});
    write_bytes(t / "a.tif", file.page(tags).bytes());
    return open_file(t / "a.tif").arrays[0]->info();
  };

  BOOST_TEST((read(0).type == ir::dtype::u8));
  BOOST_TEST(names_of(read(0)) == (std::vector<std::string>{"c", "y", "x"}));
  BOOST_TEST(file_values(t / "a.tif") ==
             (std::vector<double>{0, 1, 2, 0, 0, 0, 255, 0, 3, 0, 0, 4}));
  BOOST_TEST((read(300).type == ir::dtype::u16));
  BOOST_TEST(file_values(t / "a.tif")[0] == 300);
}

BOOST_AUTO_TEST_CASE(colours_come_as_planes_from_any_arrangement) {
  const temporary_folder t;
  // 3 channels of 2x5: value 100 c + 10 y + x; tiles of 16x16, padded.
  const auto value = [](int c, int y, int x) {
    return char(y < 2 && x < 5 ? 100 * c + 10 * y + x : 77);
  };
  std::vector<double> expected;
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < 2; ++y)
      for (int x = 0; x < 5; ++x) expected.push_back(std::uint8_t(value(c, y, x)));
  const auto data = [&](bool planar, int h, int w, int c0) {
    std::string out;
    for (int y = 0; y < h; ++y)
      for (int x = 0; x < w; ++x) {
        if (planar) out += value(c0, y, x);
        for (int c = 0; c < 3 && !planar; ++c) out += value(c, y, x);
      }
    return out;
  };
  for (const bool planar : {false, true})
    for (const bool tiled : {false, true}) {
      tb file;
      std::vector<std::uint64_t> at, bytes;
      for (int c = 0; c < (planar ? 3 : 1); ++c) {
        const std::string block = tiled ? data(planar, 16, 16, c) : data(planar, 2, 5, c);
        at.push_back(file.add(block));
        bytes.push_back(block.size());
      }
      std::vector<tb::tag> tags{{256, tb::u16, {5}},
                                {257, tb::u16, {2}},
                                {258, tb::u16, {8, 8, 8}},
                                {259, tb::u16, {1}},
                                {262, tb::u16, {2}},
                                {277, tb::u16, {3}},
                                {284, tb::u16, {planar ? 2u : 1u}}};
      for (const auto& tag : tiled
                                 ? std::vector<tb::tag>{{322, tb::u16, {16}},
                                                        {323, tb::u16, {16}},
                                                        {324, tb::u32, at},
                                                        {325, tb::u32, bytes}}
                                 : std::vector<tb::tag>{{273, tb::u32, at}, {279, tb::u32, bytes}})
        tags = tb::with(tags, tag);
      write_bytes(t / "a.tif", file.page(tags).bytes());
      BOOST_TEST_CONTEXT(planar << tiled)
      BOOST_TEST(file_values(t / "a.tif") == expected, boost::test_tools::per_element());
      check_boxes(t / "a.tif");
    }
}

BOOST_AUTO_TEST_CASE(flips_of_the_orientation_tag_are_applied_turns_are_refused) {
  const temporary_folder t;
  const auto write = [&](std::uint64_t orientation) {
    tb file;
    const auto at = file.add("\1\2\3\4\5\6");
    write_bytes(
        t / "a.tif",
        file.page(tb::with(tb::gray(2, 3, 8, 1, at, 6), {274, tb::u16, {orientation}})).bytes());
    return t / "a.tif";
  };

  BOOST_TEST(file_values(write(1)) == (std::vector<double>{1, 2, 3, 4, 5, 6}));
  BOOST_TEST(file_values(write(2)) == (std::vector<double>{3, 2, 1, 6, 5, 4}));
  BOOST_TEST(file_values(write(3)) == (std::vector<double>{6, 5, 4, 3, 2, 1}));
  BOOST_TEST(file_values(write(4)) == (std::vector<double>{4, 5, 6, 1, 2, 3}));
  check_boxes(write(3));
  BOOST_TEST(message_of(write(6)).find("orientation 6") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(pages_are_a_stack_without_thumbnails) {
  const temporary_folder t;
  tb file;
  const auto a = file.add("\1\2\3\4"), b = file.add("\5\6\7\10"), small = file.add("\11");
  file.page(tb::gray(2, 2, 8, 1, a, 4));
  file.page(tb::with(tb::gray(1, 1, 8, 1, small, 1), {254, tb::u32, {1}}));
  file.page(tb::gray(2, 2, 8, 1, b, 4));
  write_bytes(t / "a.tif", file.bytes());

  BOOST_TEST(names_of(open_file(t / "a.tif").arrays[0]->info()) ==
             (std::vector<std::string>{"z", "y", "x"}));
  BOOST_TEST(file_values(t / "a.tif") == counting(8, 1), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pages_that_differ_are_refused_and_both_named) {
  const temporary_folder t;
  tb file;
  const auto a = file.add("\1\2\3\4\5\6");
  file.page(tb::gray(2, 2, 8, 1, a, 4)).page(tb::gray(2, 3, 8, 1, a, 6));
  write_bytes(t / "a.tif", file.bytes());

  const std::string message = message_of(t / "a.tif");

  BOOST_TEST(message.find("page 1: 2x3 u8") != std::string::npos);
  BOOST_TEST(message.find("page 0 is 2x2 u8") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(imagej_hyperstacks_get_their_axes_and_voxel_size) {
  const temporary_folder t;
  write_bytes(t / "a.tif", counting_stack(12,
                                          "ImageJ=1.53k\nimages=12\nchannels=2\nslices=3\n"
                                          "frames=2\nhyperstack=true\nunit=micron\n"
                                          "spacing=0.5\nfinterval=3\n"));

  const auto info = open_file(t / "a.tif").arrays[0]->info();

  BOOST_TEST(names_of(info) == (std::vector<std::string>{"t", "z", "c", "y", "x"}));
  BOOST_TEST(extents_of(info) == (ir::shape{2, 3, 2, 2, 3}));
  BOOST_TEST(info.axes[0].spacing == 3);
  BOOST_TEST(info.axes[0].unit == "s");
  BOOST_TEST(info.axes[1].spacing == 0.5);
  BOOST_TEST(info.axes[1].unit == "um");
  check_boxes(t / "a.tif");
}

BOOST_AUTO_TEST_CASE(imagej_images_without_directories_are_found_and_missed_where_cut) {
  const temporary_folder t;
  tb file(true);
  // The directory comes first, as ImageJ writes it; the images follow it without gap.
  const auto tags = [&](std::uint64_t at) {
    return tb::with(tb::gray(2, 3, 16, 1, at, 12), tb::description("ImageJ=1.53k\nimages=3\n"));
  };
  tb probe(true);
  const std::uint64_t end = probe.page(tags(0)).bytes().size();
  std::vector<std::uint16_t> v(18);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = std::uint16_t(i);
  const std::string whole = file.page(tags(end)).bytes() + swapped_bytes_of(v);

  write_bytes(t / "a.tif", whole);
  write_bytes(t / "cut.tif", whole.substr(0, whole.size() - 1));
  write_bytes(t / "one.tif", whole.substr(0, whole.size() - 24));

  BOOST_TEST(file_values(t / "a.tif") == counting(18), boost::test_tools::per_element());
  check_boxes(t / "a.tif");
  BOOST_TEST(message_of(t / "cut.tif").find("says 3 images, there are 2") != std::string::npos);
  BOOST_TEST(file_values(t / "one.tif") == counting(6), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(tifffile_shapes_are_followed_where_they_fit) {
  const temporary_folder t;
  write_bytes(t / "a.tif", counting_stack(6, R"({"shape": [2, 3, 2, 3], "axes": "TZYX"})"));
  write_bytes(t / "b.tif", counting_stack(6, R"({"shape": [2, 4, 2, 3]})"));
  write_bytes(t / "c.tif", counting_stack(6, "{not json}"));

  const auto a = open_file(t / "a.tif").arrays[0]->info();
  const auto b = open_file(t / "b.tif").arrays[0]->info();

  BOOST_TEST(names_of(a) == (std::vector<std::string>{"t", "z", "y", "x"}));
  BOOST_TEST(extents_of(a) == (ir::shape{2, 3, 2, 3}));
  BOOST_TEST(extents_of(b) == (ir::shape{6, 2, 3}));
  BOOST_TEST(extents_of(open_file(t / "c.tif").arrays[0]->info()) == (ir::shape{6, 2, 3}));
}

BOOST_AUTO_TEST_CASE(resolution_in_centimetres_is_a_pixel_size_in_inches_it_is_not) {
  const temporary_folder t;
  const auto x_axis = [&](std::uint64_t unit) {
    tb file;
    const auto at = file.add("\1\2");
    auto tags = tb::with(tb::gray(1, 2, 8, 1, at, 2), {282, tb::rational, {40000, 1}});
    tags = tb::with(tb::with(tags, {283, tb::rational, {20000, 1}}), {296, tb::u16, {unit}});
    write_bytes(t / "a.tif", file.page(tags).bytes());
    return open_file(t / "a.tif").arrays[0]->info().axes[1];
  };

  BOOST_TEST(x_axis(3).spacing == 0.25);
  BOOST_TEST(x_axis(3).unit == "um");
  BOOST_TEST(x_axis(2).spacing == 1);
  BOOST_TEST(x_axis(2).unit == "");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_refused_with_the_reason) {
  const temporary_folder t;
  const auto message = [&](std::uint64_t bits, std::uint64_t format, const tb::tag& change) {
    tb file;
    const auto at = file.add(std::string(64, '\0'));
    write_bytes(t / "a.tif",
                file.page(tb::with(tb::gray(2, 2, bits, format, at, 64), change)).bytes());
    return message_of(t / "a.tif");
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find("a.tif") != std::string::npos && text.find(part) != std::string::npos;
  };

  BOOST_TEST(has(message(64, 1, {266, tb::u16, {1}}), "u64"));
  BOOST_TEST(has(message(24, 1, {266, tb::u16, {1}}), "u24"));
  BOOST_TEST(has(message(32, 5, {266, tb::u16, {1}}), "complex i32"));
  BOOST_TEST(has(message(8, 1, {262, tb::u16, {5}}), "CMYK"));
  BOOST_TEST(has(message(8, 1, {262, tb::u16, {6}}), "YCbCr"));
  BOOST_TEST(has(message(8, 1, {259, tb::u16, {34712}}), "compression 34712"));
  BOOST_TEST(has(message(8, 1, {273, tb::u32, {0}}), "not stored"));
  BOOST_TEST(has(message(8, 1, {257, tb::u32, {1u << 30}}), "truncated"));
  BOOST_TEST(has(message(8, 1, {256, tb::u16, {0}}), "extent of 0"));
}

BOOST_AUTO_TEST_CASE(a_circular_chain_of_directories_is_refused) {
  const temporary_folder t;
  std::string bytes = counting_stack(2);
  const std::string first = bytes.substr(4, 4);
  bytes.replace(bytes.size() - 4, 4, first);
  write_bytes(t / "a.tif", bytes);

  BOOST_TEST(message_of(t / "a.tif").find("circle") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_region_of_a_sparse_20_gb_file_costs_only_itself) {
  const temporary_folder t;
  tb file(false, true);
  const std::uint64_t side = 100000, at = 4096;
  auto tags = tb::gray(side, side, 16, 1, at, 2 * side * side);
  for (auto& tag : tags) tag.type = tb::u64;
  write_bytes(t / "big.tif", file.page(tags).bytes());
  BOOST_REQUIRE(truncate((t / "big.tif").c_str(), off_t(at + 2 * side * side)) == 0);

  const auto contents = ir::format_named("tiff")->open(t / "big.tif", {});
  std::vector<std::uint16_t> box(512 * 512, 1);
  contents.arrays[0]->read({90000, 70000}, {512, 512},
                           ir::ref(box.data(), ir::dtype::u16, {512, 512}));

  BOOST_TEST(std::count(box.begin(), box.end(), 0) == 512 * 512);
}

BOOST_AUTO_TEST_SUITE_END()
