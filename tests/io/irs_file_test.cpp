#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "core/error.hpp"
#include "io/cut.hpp"
#include "io/format.hpp"
#include "irs_fixture.hpp"

using namespace ir;
using namespace ir::test;

namespace {

/// A file that goes with the test.
class temporary_file {
 public:
  explicit temporary_file(const byte_string& content) {
    const int fd = mkstemp(name_);
    descriptor d(fd, name_);
    if (!content.empty()) d.write(content);
  }
  ~temporary_file() { std::filesystem::remove(name_); }
  std::string name() const { return name_; }

 private:
  char name_[32] = "/tmp/ir-test-XXXXXX";
};

file_contents opened(const temporary_file& f) { return format_named("irs")->open(f.name(), {}); }

byte_string box_of(const box_source& from, const shape& origin, const shape& extents) {
  byte_string out(static_cast<std::size_t>(extents.count() * size_of(from.info().type)));
  from.read(origin, extents, ref(out.data(), from.info().type, extents));
  return out;
}

// Reads everything through the cut; the exit code of what went wrong, or 0.
int outcome(const byte_string& content) {
  const temporary_file f(content);
  try {
    read_all(*cut(opened(f), {}));
  } catch (const error& e) {
    BOOST_TEST(std::string_view(e.what()).find(f.name()) == 0u, e.what());
    return static_cast<int>(e.code);
  }
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(irs_files)

BOOST_AUTO_TEST_CASE(a_stream_in_a_file_is_what_it_was) {
  const temporary_file f(small_stream());
  const auto streamed = open_irs(pipe_of(small_stream()), {});

  const auto cut_file = cut(opened(f), {});

  BOOST_TEST((cut_file->header().arrays == streamed->header().arrays));
  BOOST_TEST((cut_file->header().along == streamed->header().along));
  BOOST_TEST(cut_file->header().meta->dump() == streamed->header().meta->dump());
  const received a = read_all(*cut_file), b = read_all(*streamed);
  BOOST_TEST(a.places == b.places);
  BOOST_TEST((a.data == b.data));
}

BOOST_AUTO_TEST_CASE(frames_of_any_rank_stay_frames) {
  stream_header h;
  h.arrays = {{"psf", role::psf, dtype::f32, {{"z", "", 3}, {"y", "", 3}, {"x", "", 3}}, {}, 1},
              {"flats", role::flat, dtype::u8, {{"y", "", 4}, {"x", "", 5}}, {}, 3},
              {"data",
               role::data,
               dtype::u8,
               {{"c", "", 2}, {"z", "", 3}, {"y", "", 4}, {"x", "", 5}},
               {},
               1}};
  queue q;
  const temporary_file f(stream_of(h, [&](irs_sink& s) {
    for (int a = 0; a < 3; ++a)
      for (index_t k = 0; k < h.arrays[static_cast<std::size_t>(a)].frames; ++k) {
        frame one = frame_of(q, h, a, k);
        s.put(one, q);
      }
    s.finish();
  }));

  const auto from = cut(opened(f), {});

  BOOST_TEST((from->header().arrays == h.arrays));
  BOOST_TEST(from->header().along.name == "");
  BOOST_TEST(read_all(*from).data.size() == 5u);
}

BOOST_AUTO_TEST_CASE(any_box_is_the_same_as_that_of_the_whole) {
  const temporary_file f(small_stream());
  const file_contents c = opened(f);
  const box_source& data = *c.arrays.back();
  const index_t nz = 2, ny = 5, nx = 4;
  const byte_string all = box_of(data, {0, 0, 0}, {nz, ny, nx});

  for (index_t z = 0; z < nz; ++z)
    for (index_t y = 0; y < ny; ++y)
      for (index_t x = 0; x < nx; ++x)
        for (const shape& n : {shape{1, 1, 1}, shape{1, ny - y, nx - x}, shape{nz - z, 1, nx - x},
                               shape{nz - z, ny - y, 1}}) {
          byte_string expected;
          for (index_t k = 0; k < n[0]; ++k)
            for (index_t j = 0; j < n[1]; ++j)
              append(expected, std::span(all).subspan(
                                   static_cast<std::size_t>(((z + k) * ny + y + j) * nx + x) * 2,
                                   static_cast<std::size_t>(n[2]) * 2));
          BOOST_TEST((box_of(data, {z, y, x}, n) == expected));
        }
}

BOOST_AUTO_TEST_CASE(ranges_and_regions_are_those_of_the_stream) {
  const temporary_file f(small_stream());
  selection s;
  s.frames = parse_range("1:2");
  s.roi = {parse_range("1:4"), parse_range("2:4")};

  const auto from = cut(opened(f), s);
  const received got = read_all(*from);

  BOOST_TEST(from->header().along.origin == 7.5);
  BOOST_TEST(data_of(from->header()).axes[0].origin == -0.75);
  BOOST_TEST(got.places == "0:0[0,3) 1:0[0,3){\"time\":1} ");
  BOOST_TEST(got.data[1].size() == 12u);
}

BOOST_AUTO_TEST_CASE(a_file_cut_at_any_byte_is_noticed) {
  const byte_string whole = small_stream();
  for (std::size_t n = 8; n < whole.size(); ++n)
    BOOST_TEST(outcome({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)}) == 65);
  byte_string longer = whole;
  longer.push_back(std::byte{0});
  BOOST_TEST(outcome(longer) == 65);
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_anywhere_is_noticed_when_all_is_read) {
  const byte_string whole = small_stream();
  BOOST_TEST(outcome(whole) == 0);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    byte_string bent = whole;
    bent[n] ^= std::byte(1 << n % 8);
    BOOST_TEST_CONTEXT("byte " << n) BOOST_TEST(outcome(bent) == 65);
  }
}

BOOST_AUTO_TEST_CASE(damage_elsewhere_does_not_hinder_a_region) {
  byte_string bent = small_stream();
  const frame f = [&] {
    queue q;
    return frame_of(q, small_header(), 1, 1, 2, 5);
  }();
  const auto* const bytes = static_cast<const std::byte*>(f.data.get().data);
  const auto at = std::search(bent.begin(), bent.end(), bytes, bytes + f.data.get().bytes());
  BOOST_REQUIRE((at != bent.end()));
  *at ^= std::byte{1};
  const temporary_file file(bent);
  const file_contents c = opened(file);
  const box_source& data = *c.arrays.back();

  BOOST_CHECK_NO_THROW(box_of(data, {0, 0, 0}, {1, 5, 4}));
  BOOST_CHECK_NO_THROW(box_of(data, {1, 0, 0}, {1, 2, 4}));
  BOOST_CHECK_THROW(box_of(data, {1, 0, 0}, {1, 5, 4}), data_error);
  BOOST_CHECK_THROW(box_of(data, {1, 4, 3}, {1, 1, 1}), data_error);  // in the same part
}

BOOST_AUTO_TEST_CASE(an_aborted_stream_is_no_file) {
  BOOST_TEST(outcome(stream_of(small_header(), [](irs_sink& s) {
               s.abort("ir-fbp", exit_code::data, "no centre");
             })) == 65);
}

BOOST_AUTO_TEST_CASE(the_type_of_an_output_is_converted) {
  const temporary_file f({});
  const stream_header h = small_header();
  queue q;
  create_options o;
  o.type = dtype::f32;

  const auto sink = format_named("irs")->create(f.name(), h, o);
  frame psf = frame_of(q, h, 0, 0), a = frame_of(q, h, 1, 0), b = frame_of(q, h, 1, 1);
  sink->put(psf, q), sink->put(a, q), sink->put(b, q);
  sink->finish();

  const auto from = cut(opened(f), {});
  frame got;
  BOOST_TEST((data_of(from->header()).type == dtype::f32));
  BOOST_TEST((from->next(got, q) && from->next(got, q)));
  BOOST_TEST(static_cast<const float*>(got.data.get().data)[1] == 0x0302);
}

BOOST_AUTO_TEST_SUITE_END()
