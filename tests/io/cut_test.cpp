#include "io/cut.hpp"

#include <boost/test/unit_test.hpp>
#include <numeric>

#include "io/packed.hpp"
#include "support/files.hpp"

using namespace ir::test;
using ir::dtype;
using ir::index_t;

namespace {

/// What was read of a source that counts: v[i] = i in C order.
struct counted : ir::box_source {
  struct log {
    index_t reads = 0, elements = 0;
  };
  counted(ir::array_info info, std::shared_ptr<log> l, ir::shape block)
      : box_source(std::move(info)), log_(std::move(l)), block_(block) {}
  ir::shape block() const override { return block_; }

 private:
  void do_read(const ir::shape& o, const ir::shape& n, void* out) const override {
    ++log_->reads;
    log_->elements += n.count();
    auto* to = static_cast<std::uint32_t*>(out);
    const ir::shape all = extents_of(info());
    std::vector<index_t> at(static_cast<std::size_t>(n.rank()), 0);
    for (index_t k = 0; k < n.count(); ++k) {
      index_t rest = k, value = 0, stride = 1;
      for (int i = n.rank(); i-- > 0; stride *= all[i], rest /= n[i])
        value += (o[i] + rest % n[i]) * stride;
      to[k] = static_cast<std::uint32_t>(value);
    }
  }
  std::shared_ptr<log> log_;
  ir::shape block_;
};

struct file {
  std::vector<std::string> names;
  std::vector<index_t> extents, block = {};
  std::string along = {};
  std::shared_ptr<counted::log> log = std::make_shared<counted::log>();

  ir::file_contents open() const {
    ir::array_info info = ir::file_array(dtype::u32, ir::name_axes(extents, names));
    ir::file_contents c;
    c.arrays.push_back(
        std::make_unique<counted>(info, log, ir::shape(block.empty() ? extents : block)));
    c.along = along;
    return c;
  }
  std::unique_ptr<ir::frame_source> cut(const ir::selection& s = {}) const {
    return ir::cut(open(), s);
  }
};

std::vector<std::string> axis_names(const ir::frame_source& s) {
  std::vector<std::string> out;
  for (const ir::axis& a : data_of(s.header()).axes) out.push_back(a.name);
  return out;
}
ir::selection along(const std::string& name) {
  ir::selection s;
  s.along = name;
  return s;
}
using strings = std::vector<std::string>;
constexpr auto each = boost::test_tools::per_element();

}  // namespace

BOOST_AUTO_TEST_SUITE(cutting)

BOOST_AUTO_TEST_CASE(ranges_are_those_of_python_but_never_clipped) {
  const auto r = [](const char* text, index_t size) {
    const ir::index_range x = resolve(ir::parse_range(text), size, "test");
    return std::vector<index_t>{x.begin, x.count, x.step};
  };

  BOOST_TEST(r(":", 10) == (std::vector<index_t>{0, 10, 1}), each);
  BOOST_TEST(r("2:8", 10) == (std::vector<index_t>{2, 6, 1}), each);
  BOOST_TEST(r("0:10:3", 10) == (std::vector<index_t>{0, 4, 3}), each);
  BOOST_TEST(r("-3:", 10) == (std::vector<index_t>{7, 3, 1}), each);
  BOOST_TEST(r(":-1", 10) == (std::vector<index_t>{0, 9, 1}), each);
  BOOST_TEST(r("7", 10) == (std::vector<index_t>{7, 1, 1}), each);
  BOOST_TEST(r("-1", 10) == (std::vector<index_t>{9, 1, 1}), each);
  for (const char* bad :
       {"0:11", "10", "-11:", "5:5", "8:2", "", "a:b", "1:2:0", "1:2:-1", "1:2:3:4", "1.5"})
    BOOST_TEST_CONTEXT(bad) BOOST_CHECK_THROW(r(bad, 10), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(an_image_is_one_frame_and_a_volume_is_cut_along_its_slowest_axis) {
  const auto image = file{{}, {3, 4}}.cut();
  const auto volume = file{{}, {5, 3, 4}}.cut();
  const auto series = file{{}, {2, 5, 3, 4}}.cut();

  BOOST_TEST(image->header().along.name.empty());
  BOOST_TEST(*data_of(image->header()).frames == 1);
  BOOST_TEST(axis_names(*image) == (strings{"y", "x"}), each);
  BOOST_TEST(volume->header().along.name == "z");
  BOOST_TEST(volume->header().along.size == 5);
  BOOST_TEST(series->header().along.name == "t");
  BOOST_TEST(axis_names(*series) == (strings{"z", "y", "x"}), each);
  BOOST_TEST(all_values(*volume) == counting(60), each);
}

BOOST_AUTO_TEST_CASE(channels_belong_to_the_frame_and_come_first) {
  const auto rgb = file{{"y", "x", "c"}, {2, 2, 3}}.cut();

  BOOST_TEST(rgb->header().along.name.empty());
  BOOST_TEST(axis_names(*rgb) == (strings{"c", "y", "x"}), each);
  BOOST_TEST(all_values(*rgb) == (std::vector<double>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}), each);
  const auto pages = file{{"z", "y", "x", "c"}, {4, 2, 2, 3}}.cut();
  BOOST_TEST(pages->header().along.name == "z");
}

BOOST_AUTO_TEST_CASE(a_last_axis_of_three_is_not_taken_for_colour) {
  BOOST_TEST(file({{}, {5, 4, 3}}).cut()->header().along.name == "z");
}

BOOST_AUTO_TEST_CASE(frames_are_cut_along_any_axis_by_name_or_number) {
  const file f{{}, {2, 3, 4}};
  std::vector<double> by_y, by_x;
  for (int j = 0; j < 3; ++j)
    for (int k = 0; k < 2; ++k)
      for (int i = 0; i < 4; ++i) by_y.push_back(12 * k + 4 * j + i);
  for (int i = 0; i < 4; ++i)
    for (int k = 0; k < 2; ++k)
      for (int j = 0; j < 3; ++j) by_x.push_back(12 * k + 4 * j + i);

  BOOST_TEST(all_values(*f.cut(along("y"))) == by_y, each);
  BOOST_TEST(all_values(*f.cut(along("1"))) == by_y, each);
  BOOST_TEST(all_values(*f.cut(along("-1"))) == by_x, each);
  BOOST_TEST(axis_names(*f.cut(along("x"))) == (strings{"z", "y"}), each);
  BOOST_CHECK_THROW(f.cut(along("w")), ir::usage_error);
  BOOST_CHECK_THROW(f.cut(along("3")), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(rank_joins_frames_along_the_frame_axis) {
  ir::selection s;
  s.rank = 3;
  const auto volume = file{{}, {2, 3, 4}}.cut(s);
  s.along = "y";
  const auto turned = file{{}, {2, 3, 4}}.cut(s);

  BOOST_TEST(volume->header().along.name.empty());
  BOOST_TEST(axis_names(*volume) == (strings{"z", "y", "x"}), each);
  BOOST_TEST(axis_names(*turned) == (strings{"y", "z", "x"}), each);
  s = {};
  s.rank = 2;
  BOOST_TEST(axis_names(*file({{}, {2, 2, 3, 4}}).cut(s)) == (strings{"z", "y", "x"}), each);
  s.rank = 3;
  BOOST_CHECK_THROW(file({{}, {3, 4}}).cut(s), ir::usage_error);
  BOOST_CHECK_THROW(file({{"c", "y", "x"}, {3, 3, 4}}).cut(s), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(axes_can_be_named_by_the_user) {
  ir::selection s;
  s.axes = {"c", "y", "x"};
  const auto rgb = file{{}, {3, 2, 2}}.cut(s);

  BOOST_TEST(rgb->header().along.name.empty());
  BOOST_TEST(axis_names(*rgb) == s.axes, each);
  s.axes = {"y", "x"};
  BOOST_CHECK_THROW(file({{}, {3, 2, 2}}).cut(s), ir::usage_error);
  s.axes = {"y", "y", "x"};
  BOOST_CHECK_THROW(file({{}, {3, 2, 2}}).cut(s), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(whole_is_one_frame_of_everything_in_the_order_of_the_file) {
  ir::selection s;
  s.whole = true;
  const auto psf = file{{}, {2, 3, 4}, {}, "y"}.cut(s);

  BOOST_TEST(axis_names(*psf) == (strings{"z", "y", "x"}), each);
  BOOST_TEST(all_values(*psf) == counting(24), each);
}

BOOST_AUTO_TEST_CASE(frame_ranges_and_regions_keep_the_geometry_true) {
  ir::selection s;
  s.frames = ir::parse_range("1:5:2");
  s.roi = {ir::parse_range("2:4"), ir::parse_range("1:8:3")};
  file f{{}, {6, 5, 8}};
  auto contents = f.open();
  ir::array_info info = contents.arrays[0]->info();
  info.axes[2].spacing = 0.5;
  info.axes[2].origin = 10;
  contents.arrays[0] = std::make_unique<counted>(info, f.log, ir::shape{1, 5, 8});

  const auto source = ir::cut(std::move(contents), s);

  const ir::axis& x = data_of(source->header()).axes[1];
  BOOST_TEST(x.origin == 10.5);
  BOOST_TEST(x.spacing == 1.5);
  BOOST_TEST(source->header().along.origin == 1);
  BOOST_TEST(source->header().along.spacing == 2);
  std::vector<double> expected;
  for (int k : {1, 3})
    for (int j : {2, 3})
      for (int i : {1, 4, 7}) expected.push_back(40 * k + 8 * j + i);
  BOOST_TEST(all_values(*source) == expected, each);
}

BOOST_AUTO_TEST_CASE(bins_are_means_and_drop_the_remainder) {
  ir::selection s;
  s.bin = {2};
  const auto source = file{{}, {2, 3, 5}}.cut(s);

  const ir::array_info& info = data_of(source->header());
  BOOST_TEST((info.type == dtype::f32));
  BOOST_TEST(info.nominal.has_value());
  BOOST_TEST(extents_of(info) == (ir::shape{1, 2}));
  BOOST_TEST(info.axes[1].origin == 0.5);
  BOOST_TEST(info.axes[1].spacing == 2);
  BOOST_TEST(all_values(*source) == (std::vector<double>{3, 5, 18, 20}), each);
  s.bin = {4};
  BOOST_CHECK_THROW(file({{}, {3, 5}}).cut(s), ir::usage_error);
  s.bin = {0};
  BOOST_CHECK_THROW(file({{}, {3, 5}}).cut(s), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(bins_of_each_axis_with_joined_frames_and_permuted_channels) {
  ir::selection s;
  s.rank = 3;
  s.bin = {2, 1, 3};
  const auto volume = file{{}, {4, 2, 3}}.cut(s);
  BOOST_TEST(all_values(*volume) == (std::vector<double>{4, 7, 16, 19}), each);

  s = {};
  s.bin = {2};
  const auto rgb = file{{"y", "x", "c"}, {2, 2, 3}}.cut(s);
  BOOST_TEST(all_values(*rgb) == (std::vector<double>{4.5, 5.5, 6.5}), each);
}

BOOST_AUTO_TEST_CASE(dtype_converts_but_never_clamps) {
  ir::selection s;
  s.type = dtype::f64;
  const auto source = file{{}, {2, 3}}.cut(s);

  BOOST_TEST((data_of(source->header()).type == dtype::f64));
  BOOST_TEST(all_values(*source) == counting(6), each);
  s.type = dtype::u16;
  BOOST_CHECK_THROW(file({{}, {2, 3}}).cut(s), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(ranges_beyond_an_axis_and_surplus_entries_are_refused) {
  ir::selection s;
  s.frames = ir::parse_range("0:7");
  BOOST_CHECK_THROW(file({{}, {6, 2, 2}}).cut(s), ir::usage_error);
  BOOST_CHECK_THROW(file({{}, {2, 2}}).cut(s), ir::usage_error);
  s = {};
  s.roi = {ir::parse_range("0:1"), ir::parse_range("0:1"), ir::parse_range("0:1")};
  BOOST_CHECK_THROW(file({{}, {6, 2, 2}}).cut(s), ir::usage_error);
  s.roi = {ir::parse_range("0:3")};
  BOOST_CHECK_THROW(file({{}, {6, 2, 2}}).cut(s), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(a_region_costs_only_itself) {
  file f{{}, {100, 50, 60}, {1, 50, 60}};
  ir::selection s;
  s.frames = ir::parse_range("90:100:5");
  s.roi = {ir::parse_range("10:20"), ir::parse_range("30:40")};

  all_values(*f.cut(s));

  BOOST_TEST(f.log->elements == 2 * 10 * 10);
}

BOOST_AUTO_TEST_CASE(wide_steps_read_single_samples) {
  file f{{}, {1000, 40}, {1, 40}};
  ir::selection s;
  s.roi = {ir::parse_range("0:1000:100"), ir::parse_range(":")};

  const auto values = all_values(*f.cut(s));

  BOOST_TEST(f.log->elements == 10 * 40);
  BOOST_TEST(values[40] == 100 * 40);
}

BOOST_AUTO_TEST_CASE(blocks_that_frames_cut_through_are_read_once) {
  file f{{}, {8, 16, 8}, {8, 4, 8}};

  const auto values = all_values(*f.cut(along("y")));

  BOOST_TEST(f.log->reads == 4);
  BOOST_TEST(f.log->elements == 8 * 16 * 8);
  BOOST_TEST(values[8] == 16 * 8);  // frame 0, z = 1
  BOOST_TEST(values[64] == 8);      // frame 1, z = 0
}

BOOST_AUTO_TEST_CASE(a_small_cache_bounds_how_many_frames_are_read_at_once) {
  file f{{}, {16, 4, 4}, {8, 4, 4}};

  const auto source = ir::cut(f.open(), {}, 3 * 4 * 4 * 4);

  BOOST_TEST(all_values(*source) == counting(256), each);
  BOOST_TEST(f.log->elements == 256);
}

BOOST_AUTO_TEST_CASE(parts_are_boxes_of_whole_lines_and_make_the_frame) {
  const index_t nx = 1 << 19;  // 2 MiB a line: two lines are a part
  file f{{}, {3, 5, nx}, {1, 1, nx}};
  ir::selection s;
  s.rank = 3;
  const auto source = f.cut(s);
  source->deliver(ir::delivery::parts);
  ir::queue q;
  ir::frame p;
  index_t line = 0, parts = 0;
  while (source->next(p, q)) {
    BOOST_TEST(p.begin == line);
    BOOST_TEST((p.data.get().extents == ir::shape{p.end - p.begin, nx}));
    BOOST_TEST(static_cast<const std::uint32_t*>(p.data.get().data)[0] == line * nx);
    line = p.end;
    ++parts;
  }

  BOOST_TEST(line == 15);
  BOOST_TEST(parts == 9);  // 2 + 2 + 1 lines of each plane
}

BOOST_AUTO_TEST_CASE(regions_agree_with_frames_after_every_step) {
  const file f{{"t", "y", "x", "c"}, {5, 9, 11, 3}};
  ir::selection s;
  s.frames = ir::parse_range("4:5");
  s.roi = {ir::parse_range("1:9"), ir::parse_range("0:10:2")};
  s.bin = {2};
  s.type = dtype::f64;
  const auto source = f.cut(s);
  const ir::shape n = extents_of(data_of(source->header()));
  BOOST_TEST(n == (ir::shape{3, 4, 2}));
  std::vector<double> box(3 * 2 * 1);
  ir::queue q;

  source->regions()->read({0, 0, {0, 1, 1}, {3, 2, 1}},
                          {box.data(), dtype::f64, ir::shape{3, 2, 1}}, q);

  const auto all = all_values(*source);
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < 2; ++y)
      BOOST_TEST(box[static_cast<std::size_t>(c * 2 + y)] ==
                 all[static_cast<std::size_t>(c * 8 + (y + 1) * 2 + 1)]);
  index_t covered = 0;
  for (const ir::region& r : source->regions()->tiles()) covered += r.extents.count();
  BOOST_TEST(covered == n.count());
}

BOOST_AUTO_TEST_CASE(side_arrays_come_first_and_follow_the_datas_region) {
  const auto log = std::make_shared<counted::log>();
  const auto array = [&](const char* name, ir::role what, strings names, std::vector<index_t> n) {
    ir::array_info a = ir::file_array(dtype::u32, ir::name_axes(n, names));
    a.name = name;
    a.what = what;
    return std::make_unique<counted>(a, log, ir::shape(n));
  };
  ir::file_contents c;
  c.arrays.push_back(array("theta", ir::role::coordinate, {"angle"}, {10}));
  c.arrays.push_back(array("flat", ir::role::flat, {"k", "v", "u"}, {2, 4, 6}));
  c.arrays.push_back(array("psf", ir::role::psf, {"v", "u"}, {3, 3}));
  c.arrays.push_back(array("data", ir::role::data, {"angle", "v", "u"}, {10, 4, 6}));
  c.along = "angle";
  ir::selection s;
  s.frames = ir::parse_range("0:10:5");
  s.roi = {ir::parse_range("1:3"), ir::parse_range("2:4")};

  const auto source = ir::cut(std::move(c), s);

  const auto& arrays = source->header().arrays;
  BOOST_TEST(extents_of(arrays[0]) == ir::shape{2});
  BOOST_TEST(*arrays[0].frames == 1);
  BOOST_TEST(extents_of(arrays[1]) == (ir::shape{2, 2}));
  BOOST_TEST(*arrays[1].frames == 2);
  BOOST_TEST(extents_of(arrays[2]) == (ir::shape{3, 3}));
  BOOST_TEST(*arrays[3].frames == 2);
  ir::queue q;
  ir::frame f;
  std::vector<int> order;
  while (source->next(f, q)) {
    order.push_back(f.array_no);
    if (f.array_no == 0) BOOST_TEST(values_of(f.data.get()) == (std::vector<double>{0, 5}), each);
    if (f.array_no == 1 && f.number == 1)
      BOOST_TEST(values_of(f.data.get()) == (std::vector<double>{32, 33, 38, 39}), each);
  }
  BOOST_TEST(order == (std::vector<int>{0, 1, 1, 2, 3, 3}), each);
}

BOOST_AUTO_TEST_CASE(frame_metadata_follows_the_frames) {
  auto contents = file{{}, {6, 2, 2}, {}, "z"}.open();
  std::vector<index_t> asked;
  contents.frame_meta = [&](int, index_t k) {
    asked.push_back(k);
    return std::shared_ptr<const ir::metadata>();
  };
  ir::selection s;
  s.frames = ir::parse_range("1:6:2");

  all_values(*ir::cut(std::move(contents), s));

  BOOST_TEST(asked == (std::vector<index_t>{1, 3, 5}), each);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(a_region_of_several_frames_is_read_at_once) {
  const file f{{"t", "y", "x"}, {5, 4, 6}};
  const auto source = f.cut();
  std::vector<std::uint32_t> box(3 * 2 * 2);
  const ir::region some{0, 1, {1, 3}, {2, 2}, 3};
  ir::queue q;

  source->regions()->read(some, {box.data(), dtype::u32, ir::shape{3, 2, 2}}, q);

  BOOST_TEST(f.log->reads == 1);
  const std::vector<std::uint32_t> expected{33, 34, 39, 40, 57, 58, 63, 64, 81, 82, 87, 88};
  BOOST_TEST(box == expected, each);
  const ir::region beyond{0, 3, {1, 3}, {2, 2}, 3};
  BOOST_CHECK_THROW(
      source->regions()->read(beyond, {box.data(), dtype::u32, ir::shape{3, 2, 2}}, q),
      ir::shape_error);
}
