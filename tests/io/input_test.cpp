#include "io/input.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <optional>
#include <thread>

#include "io/file_names.hpp"
#include "io/kept.hpp"
#include "io/metadata.hpp"
#include "support/files.hpp"

using namespace ir::test;
using ir::dtype;
using ir::index_t;

namespace {

using strings = std::vector<std::string>;
constexpr auto each = boost::test_tools::per_element();
const std::vector<ir::axis> image{{"y", "", 2}, {"x", "", 3}};

/// An image whose values count from `first`.
void image_file(const std::string& path, double first, dtype type = dtype::u16) {
  write_file(path, "npy", header_of(type, image), counting(6, first));
}

std::string irs_bytes(const temporary_folder& t, const ir::stream_header& h,
                      const std::vector<double>& values) {
  ir::irs_sink sink(ir::descriptor::create(t / "stream"), h);
  put_values(sink, h, values);
  sink.finish();
  return read_bytes(t / "stream");
}

/// A FIFO into which a thread writes these bytes.
class fed_pipe {
 public:
  fed_pipe(std::string path, std::string bytes) : path_(std::move(path)) {
    BOOST_REQUIRE(mkfifo(path_.c_str(), 0600) == 0);
    writer_ = std::thread([path = path_, bytes = std::move(bytes)] { write_bytes(path, bytes); });
  }
  ~fed_pipe() {
    writer_.join();
    std::filesystem::remove(path_);
  }

 private:
  std::string path_;
  std::thread writer_;
};

ir::input_options options(const temporary_folder& t) {
  ir::input_options o;
  o.tmpdir = t.path();
  o.memory = index_t{1} << 30;
  return o;
}
std::vector<double> input_values(const strings& names, const ir::input_options& o = {}) {
  return all_values(*ir::open_input(names, o));
}
std::string message_of(const strings& names, const ir::input_options& o = {}) {
  try {
    input_values(names, o);
  } catch (const ir::error& e) {
    return e.what();
  }
  return "no error";
}
bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inputs)

BOOST_AUTO_TEST_CASE(numbers_in_names_are_compared_as_numbers) {
  strings names{"f10", "f2", "f1b", "f01", "f1", "g", "f", "f1a", "f100000000000000000000"};

  std::sort(names.begin(), names.end(), ir::natural_less);

  BOOST_TEST(names == (strings{"f", "f01", "f1", "f1a", "f1b", "f2", "f10",
                               "f100000000000000000000", "g"}),
             each);
}

BOOST_AUTO_TEST_CASE(a_file_is_known_by_its_bytes_not_by_its_name) {
  const temporary_folder t;
  image_file(t / "photo.tif", 0);

  BOOST_TEST(input_values({t / "photo.tif"}) == counting(6), each);
}

BOOST_AUTO_TEST_CASE(unknown_bytes_are_shown_with_what_would_help) {
  const temporary_folder t;
  write_bytes(t / "a.dat", "Hello\1world");
  write_bytes(t / "empty", "");

  const std::string message = message_of({t / "a.dat"});

  BOOST_TEST(contains(message, "48 65 6c 6c 6f 01"));
  BOOST_TEST(contains(message, "'Hello.wo'"));
  BOOST_TEST(contains(message, "--raw-shape"));
  BOOST_TEST(contains(message_of({t / "empty"}), "is empty"));
  BOOST_CHECK_THROW(input_values({t / "a.dat"}), ir::data_error);
  BOOST_CHECK_THROW(input_values({t / "empty"}), ir::data_error);
  BOOST_CHECK_THROW(input_values({t / "missing.npy"}), ir::no_input_error);
  BOOST_CHECK_THROW(input_values({t / "missing*.npy"}), ir::no_input_error);
  BOOST_CHECK_THROW(input_values({t / "missing%05d.npy"}), ir::no_input_error);
  BOOST_CHECK_THROW(input_values({"-", t / "a.dat"}), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(raw_options_read_any_file) {
  const temporary_folder t;
  write_bytes(t / "a.dat", bytes_of(std::vector<float>{1, 2, 3, 4, 5, 6}));
  ir::input_options o;
  o.file.raw_shape = ir::shape{3};
  o.file.raw_type = dtype::f32;

  BOOST_TEST(input_values({t / "a.dat"}, o) == counting(6, 1), each);
}

BOOST_AUTO_TEST_CASE(globs_folders_patterns_and_lists_make_a_stack_in_natural_order) {
  const temporary_folder t;
  for (const int k : {0, 1, 2, 10}) image_file(t / ("f" + std::to_string(k) + ".npy"), 6 * k);
  std::vector<double> expected;
  for (const int k : {0, 1, 2, 10})
    for (int i = 0; i < 6; ++i) expected.push_back(6 * k + i);

  BOOST_TEST(input_values({t / "f*.npy"}) == expected, each);
  BOOST_TEST(input_values({t.path()}) == expected, each);
  // As a shell expands it:
  BOOST_TEST(input_values({t / "f0.npy", t / "f1.npy", t / "f10.npy", t / "f2.npy"}) == expected,
             each);
  // As nobody but the user would order it:
  BOOST_TEST(input_values({t / "f2.npy", t / "f1.npy"})[0] == 12);
  const auto stack = ir::open_input({t / "f*.npy"}, {});
  BOOST_TEST(stack->header().along.name == "z");
  BOOST_TEST(stack->header().along.size == 4);
  BOOST_TEST(extents_of(data_of(stack->header())) == (ir::shape{2, 3}));
}

BOOST_AUTO_TEST_CASE(a_pattern_wants_every_number) {
  const temporary_folder t;
  for (const char* name : {"s_008.npy", "s_009.npy", "s_010.npy", "s_11.npy", "s_x.npy"})
    image_file(t / name, 0);

  BOOST_TEST(input_values({t / "s_%03d.npy"}).size() == 18u);
  image_file(t / "s_012.npy", 0);
  BOOST_TEST(contains(message_of({t / "s_%03d.npy"}), "s_011.npy is missing"));
}

BOOST_AUTO_TEST_CASE(files_that_do_not_fit_are_named_with_their_shapes) {
  const temporary_folder t;
  image_file(t / "a.npy", 0);
  image_file(t / "b.npy", 0, dtype::f32);
  write_file(t / "c.npy", "npy", header_of(dtype::u16, {{"y", "", 2}, {"x", "", 4}}), counting(8));

  const std::string types = message_of({t / "a.npy", t / "b.npy"});
  const std::string shapes = message_of({t / "a.npy", t / "c.npy"});

  BOOST_TEST((contains(types, "a.npy") && contains(types, "b.npy") && contains(types, "f32")));
  BOOST_TEST((contains(shapes, "2x3") && contains(shapes, "2x4")));
  BOOST_CHECK_THROW(input_values({t / "a.npy", t / "c.npy"}), ir::data_error);
}

BOOST_AUTO_TEST_CASE(stacks_follow_each_other_and_are_cut_like_one_file) {
  const temporary_folder t;
  write_file(t / "a.npy", "npy", header_of(dtype::u16, image, 2), counting(12));
  write_file(t / "b.npy", "npy", header_of(dtype::u16, image, 3), counting(18, 12));
  ir::input_options o;

  BOOST_TEST(input_values({t / "a.npy", t / "b.npy"}) == counting(30), each);
  o.cut.frames = ir::parse_range("1:5:2");
  BOOST_TEST(input_values({t / "a.npy", t / "b.npy"}, o) ==
                 (std::vector<double>{6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23}),
             each);
  o.cut.frames.reset();
  o.cut.along = "y";
  const auto rows = input_values({t / "a.npy", t / "b.npy"}, o);
  BOOST_TEST(rows[0] == 0);
  BOOST_TEST(rows[3] == 6);
  BOOST_TEST(rows[15] == 3);
}

BOOST_AUTO_TEST_CASE(any_format_comes_through_a_pipe) {
  const temporary_folder t, scratch;
  image_file(t / "a.npy", 0);
  const std::string npy = read_bytes(t / "a.npy");
  const auto h = header_of(dtype::f32, image, 3);
  const std::string irs = irs_bytes(t, h, counting(18));
  {
    const fed_pipe p(t / "fifo", npy);
    BOOST_TEST(input_values({t / "fifo"}, options(scratch)) == counting(6), each);
  }
  const fed_pipe p(t / "fifo", irs);
  BOOST_TEST(input_values({t / "fifo"}, options(scratch)) == counting(18), each);
  BOOST_TEST(scratch.names().empty());
}

BOOST_AUTO_TEST_CASE(an_empty_pipe_is_the_fault_of_the_command_before) {
  const temporary_folder t;
  const fed_pipe p(t / "fifo", "");

  BOOST_CHECK_THROW(ir::open_input({t / "fifo"}, {}), ir::upstream_error);
}

BOOST_AUTO_TEST_CASE(a_foreign_format_cut_short_names_the_pipe_not_the_spool) {
  const temporary_folder t;
  image_file(t / "a.npy", 0);
  const fed_pipe p(t / "fifo", read_bytes(t / "a.npy").substr(0, 265));

  const std::string message = message_of({t / "fifo"}, options(t));

  BOOST_TEST(contains(message, "fifo: 9 bytes of data"));
}

BOOST_AUTO_TEST_CASE(streams_are_cut_as_files_are) {
  const temporary_folder t;
  const auto h = header_of(dtype::u16, {{"y", "", 5}, {"x", "", 8}}, 6);
  write_file(t / "a.npy", "npy", h, counting(240));
  const std::string irs = irs_bytes(t, h, counting(240));
  write_bytes(t / "a.irs", irs);
  const auto check = [&](const ir::selection& s) {
    ir::input_options o = options(t);
    o.cut = s;
    for (const char* name : {"a.irs", "fifo"}) {
      std::optional<fed_pipe> p;
      if (std::string_view(name) == "fifo") p.emplace(t / "fifo", irs);
      const auto file = ir::open_input({t / "a.npy"}, o);
      const auto stream = ir::open_input({t / name}, o);
      BOOST_TEST((data_of(file->header()).axes == data_of(stream->header()).axes));
      BOOST_TEST((data_of(file->header()).type == data_of(stream->header()).type));
      BOOST_TEST((file->header().along == stream->header().along));
      BOOST_TEST(all_values(*file) == all_values(*stream), each);
    }
  };

  ir::selection s;
  s.frames = ir::parse_range("-4:6:2");
  check(s);
  s.roi = {ir::parse_range("1:4"), ir::parse_range("2:8:2")};
  check(s);
  s.bin = {1, 3};
  check(s);
  s.type = dtype::f64;
  check(s);
  s = {};
  s.type = dtype::f32;
  check(s);
  s.along = "x";
  check(s);
  s = {};
  s.rank = 3;
  check(s);
  s = {};
  s.whole = true;
  check(s);
  s = {};
  s.axes = {"t", "v", "u"};
  check(s);
}

BOOST_AUTO_TEST_CASE(frames_of_a_stream_of_unknown_length_are_counted_to_its_end) {
  const temporary_folder t;
  auto h = header_of(dtype::u16, image, 4);
  h.arrays[0].frames.reset();
  h.along.size = 0;
  write_bytes(t / "a.irs", irs_bytes(t, h, counting(24)));
  const auto values = [&](const char* range) {
    ir::input_options o = options(t);
    o.cut.frames = ir::parse_range(range);
    return input_values({t / "a.irs"}, o);
  };

  BOOST_TEST(values("2:4") == counting(12, 12), each);
  BOOST_TEST(values("1:") == counting(18, 6), each);
  BOOST_TEST(values("-1:") == counting(6, 18), each);
  BOOST_CHECK_THROW(values("2:5"), ir::usage_error);
  BOOST_CHECK_THROW(values("4:"), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(regions_of_a_stream_come_from_memory_or_from_a_spool) {
  const temporary_folder t, scratch;
  auto h = header_of(dtype::f32, image, 3);
  h.along = {"angle", "deg", 3, 0.5, 10};
  h.meta = ir::metadata::parse(R"({"sample": "bone"})");
  const std::string irs = irs_bytes(t, h, counting(18));
  for (const index_t memory : {index_t{0}, index_t{1} << 20}) {
    const fed_pipe p(t / "fifo", irs);
    ir::input_options o = options(scratch);
    o.memory = memory;
    strings said;
    o.say = [&](const std::string& s) { said.push_back(s); };
    ir::queue q;
    auto stream = ir::open_input({t / "fifo"}, o);
    BOOST_TEST(*ir::bytes_to_keep(*stream) == 72);

    const auto kept = ir::with_regions(std::move(stream), o, q);

    BOOST_TEST(said.size() == (memory == 0 ? 1u : 0u));
    BOOST_TEST((kept->header().along == h.along));
    BOOST_TEST(*kept->header().meta->text("sample") == "bone");
    BOOST_TEST(*ir::bytes_to_keep(*kept) == 0);
    std::vector<float> box(2);
    kept->regions()->read({0, 2, {1, 1}, {1, 2}}, {box.data(), dtype::f32, ir::shape{1, 2}}, q);
    BOOST_TEST(box == (std::vector<float>{16, 17}), each);
    BOOST_TEST(all_values(*kept) == counting(18), each);
    BOOST_TEST(scratch.names().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_single_volume_of_a_stream_stays_one_frame) {
  const temporary_folder t;
  const auto h = header_of(dtype::f32, {{"z", "", 2}, {"y", "", 2}, {"x", "", 3}});
  write_bytes(t / "a.irs", irs_bytes(t, h, counting(12)));
  ir::queue q;

  const fed_pipe p(t / "fifo", read_bytes(t / "a.irs"));

  for (const char* name : {"a.irs", "fifo"}) {
    const auto kept = ir::with_regions(ir::open_input({t / name}, {}), options(t), q);

    BOOST_TEST(kept->header().along.name.empty());
    BOOST_TEST(extents_of(data_of(kept->header())) == (ir::shape{2, 2, 3}));
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_number_of_frames_moves_to_disk_when_memory_is_full) {
  const temporary_folder t, scratch;
  auto h = header_of(dtype::f32, image, 5);
  h.arrays[0].frames.reset();
  h.along.size = 0;
  const fed_pipe p(t / "fifo", irs_bytes(t, h, counting(30)));
  ir::input_options o = options(scratch);
  o.memory = 2 * 60;  // half of it is for frames: two and a half
  int said = 0;
  o.say = [&](const std::string&) { ++said; };
  ir::queue q;

  const auto kept = ir::with_regions(ir::open_input({t / "fifo"}, o), o, q);

  BOOST_TEST(said == 1);
  BOOST_TEST(kept->header().along.size == 5);
  BOOST_TEST(all_values(*kept) == counting(30), each);
}

BOOST_AUTO_TEST_CASE(a_spool_that_does_not_fit_is_refused_before_it_is_written) {
  const temporary_folder t;
  ir::stream_header h =
      header_of(dtype::f32, {{"y", "", 1 << 20}, {"x", "", 1 << 20}}, index_t{1} << 10);
  struct endless : ir::frame_source {
    ir::stream_header h;
    const ir::stream_header& header() const override { return h; }
    bool do_next(ir::frame&, ir::queue&) override { throw ir::bug_error("read"); }
  };
  auto source = std::make_unique<endless>();
  source->h = h;
  ir::queue q;

  BOOST_CHECK_THROW(ir::with_regions(std::move(source), options(t), q), ir::memory_error);
}

BOOST_AUTO_TEST_CASE(side_inputs_come_first_with_names_of_their_own) {
  const temporary_folder t;
  write_file(t / "data.npy", "npy", header_of(dtype::u16, image, 2), counting(12, 100));
  write_file(t / "psf.npy", "npy", header_of(dtype::f32, image), counting(6));
  std::vector<ir::side_source> sides;
  sides.push_back({"psf", ir::role::psf, ir::open_input({t / "psf.npy"}, {})});
  sides.push_back({"psf", ir::role::mask, ir::open_input({t / "psf.npy"}, {})});
  sides.push_back({"data", ir::role::other, ir::open_input({t / "psf.npy"}, {})});

  const auto joined = ir::join(std::move(sides), ir::open_input({t / "data.npy"}, {}));

  const auto& arrays = joined->header().arrays;
  BOOST_TEST(arrays.size() == 4u);
  BOOST_TEST(arrays[0].name == "psf");
  BOOST_TEST(arrays[1].name == "psf2");
  BOOST_TEST(arrays[2].name == "data2");
  BOOST_TEST(arrays[3].name == "data");
  BOOST_TEST((arrays[0].what == ir::role::psf));
  BOOST_TEST(data_index(joined->header()) == 3);
  std::vector<std::uint16_t> one(1);
  ir::queue q;
  joined->regions()->read({3, 1, {0, 1}, {1, 1}}, {one.data(), dtype::u16, ir::shape{1, 1}}, q);
  BOOST_TEST(one[0] == 107);
  for (const ir::region& r : joined->regions()->tiles()) BOOST_TEST(r.array_no == 3);
  ir::frame f;
  std::vector<int> order;
  while (joined->next(f, q)) order.push_back(f.array_no);
  BOOST_TEST(order == (std::vector<int>{0, 1, 2, 3, 3}), each);
}

BOOST_AUTO_TEST_CASE(kept_streams_keep_every_array_as_it_was) {
  const temporary_folder t;
  write_file(t / "data.npy", "npy", header_of(dtype::u16, image, 2), counting(12, 100));
  write_file(t / "psf.npy", "npy", header_of(dtype::f32, image, 3), counting(18));
  ir::input_options whole;
  whole.cut.whole = true;
  std::vector<ir::side_source> sides;
  sides.push_back({"psf", ir::role::psf, ir::open_input({t / "psf.npy"}, whole)});
  sides.push_back({"flat", ir::role::flat, ir::open_input({t / "psf.npy"}, {})});
  const auto joined = ir::join(std::move(sides), ir::open_input({t / "data.npy"}, {}));
  const auto before = joined->header();
  ir::queue q;

  const auto kept = ir::cut(ir::keep(*joined, {t.path(), 0, {}}, q), {});

  BOOST_TEST((kept->header().arrays == before.arrays));
  BOOST_TEST((kept->header().along == before.along));
}

BOOST_AUTO_TEST_SUITE_END()
