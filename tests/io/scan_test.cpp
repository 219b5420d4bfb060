// Tomographic scans: angles, references and names of axes that make one of a stack; the layouts of
// HDF5 that are recognised.
#include "io/scan.hpp"

#include <boost/test/unit_test.hpp>

#include "io/packed.hpp"
#include "support/files.hpp"

namespace {

using namespace ir::test;
using ir::dtype;
using ir::index_t;
using numbers = std::vector<double>;
constexpr auto each = boost::test_tools::per_element();
constexpr index_t views = 6, rows = 3, pixels = 4;

std::string told(const std::function<void()>& act) {
  try {
    act();
  } catch (const ir::error& e) {
    return std::to_string(static_cast<int>(e.code)) + " " + e.what();
  }
  return "nothing";
}
void check_told(const std::function<void()>& act, const std::string& wanted) {
  const std::string said = told(act);
  BOOST_TEST(said.find(wanted) != std::string::npos, said << " lacks " << wanted);
}

/// 0, 1, 2, ... in memory.
std::unique_ptr<ir::box_source> boxes(const std::vector<ir::axis>& axes) {
  const ir::array_info info = ir::file_array(dtype::f64, axes);
  const auto values = std::make_shared<const numbers>(counting(extents_of(info).count()));
  return std::make_unique<ir::memory_boxes>(info, values->data(), values);
}
ir::file_contents contents(const std::vector<ir::axis>& axes) {
  ir::file_contents c;
  c.arrays.push_back(boxes(axes));
  return c;
}
std::vector<ir::axis> stack_axes() {
  return {{"t", "", views}, {"y", "um", rows, 2, 10}, {"x", "um", pixels, 2, 20}};
}
std::vector<std::string> names(const std::vector<ir::axis>& axes) {
  std::vector<std::string> out;
  for (const ir::axis& a : axes) out.push_back(a.name);
  return out;
}
using strings = std::vector<std::string>;

void add_dataset(const std::string& file, const std::string& path,
                 const std::vector<index_t>& extents, const numbers& values) {
  std::vector<ir::axis> axes;
  const char* called[] = {"z", "y", "x"};
  for (std::size_t i = 0; i < extents.size(); ++i)
    axes.push_back({called[3 - extents.size() + i], "", extents[i]});
  ir::create_options o;
  o.path_inside = path;
  o.append = std::filesystem::exists(file);
  write_file(file, "h5", header_of(dtype::f64, axes), values, o);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scans)

BOOST_AUTO_TEST_CASE(angles_are_a_range_a_list_or_a_file) {
  const temporary_folder t;
  write_bytes(t / "a.txt", "# degrees\n0\n 45.5 \n\n1e2 # the last\n");
  write_file(t / "a.npy", "npy", header_of(dtype::f32, {{"x", "", 3}}), {0, 45.5, 100});

  BOOST_TEST(ir::scan::angles_of("10:190", 4, {}) == (numbers{10, 55, 100, 145}), each);
  BOOST_TEST(ir::scan::angles_of("180:0", 2, {}) == (numbers{180, 90}), each);
  for (const std::string& asked : {std::string("0,45.5,100"), t / "a.txt", t / "a.npy"})
    BOOST_TEST(ir::scan::angles_of(asked, 3, {}) == (numbers{0, 45.5, 100}), each);
}

BOOST_AUTO_TEST_CASE(angles_that_do_not_fit_are_refused) {
  const temporary_folder t;
  write_bytes(t / "two.txt", "0\n90\n");
  write_bytes(t / "word.txt", "0\nninety\n");
  write_bytes(t / "nan.txt", "0\nnan\n");
  write_file(t / "nan.npy", "npy", header_of(dtype::f64, {{"x", "", 2}}), {0, std::nan("")});

  check_told([] { ir::scan::angles_of("0,90", 3, {}); },
             "2 --angles lists 2 angles, the scan has 3");
  check_told([&] { ir::scan::angles_of(t / "two.txt", 3, {}); }, "65 ");
  check_told([&] { ir::scan::angles_of(t / "two.txt", 3, {}); },
             "two.txt: 2 angles, the scan has 3");
  check_told([&] { ir::scan::angles_of(t / "word.txt", 2, {}); }, "line 2: 'ninety' is no angle");
  check_told([&] { ir::scan::angles_of(t / "nan.txt", 2, {}); }, "line 2: 'nan' is no angle");
  check_told([&] { ir::scan::angles_of(t / "nan.npy", 2, {}); }, "an angle is NaN or infinite");
  check_told([&] { ir::scan::angles_of(t / "none.txt", 2, {}); }, "66 ");
}

BOOST_AUTO_TEST_CASE(references_take_over_the_geometry_of_the_data) {
  ir::array_info data = ir::file_array(dtype::u16, stack_axes());
  const auto named = [&](const strings& n) {
    for (std::size_t i = 0; i < 3; ++i) data.axes[i].name = n[i];
  };
  const std::vector<ir::axis> image{{"y", "", rows}, {"x", "", pixels}};
  std::vector<ir::axis> many = image;
  many.insert(many.begin(), {"z", "", 5});
  for (const strings& n : {strings{"angle", "v", "u"}, strings{"t", "y", "x"}}) {
    named(n);
    for (const auto& axes : {image, many}) {
      const auto flat = ir::scan::references(boxes(axes), ir::role::flat, data, "flat.tif");

      const ir::array_info& info = flat->info();
      BOOST_TEST((info.what == ir::role::flat && info.name == "flat"));
      BOOST_TEST(names(info.axes) == (strings{"flat_frame", n[1], n[2]}), each);
      BOOST_TEST(info.axes[0].size == (axes.size() == 2 ? 1 : 5));
      BOOST_TEST((info.axes[1] == data.axes[1] && info.axes[2] == data.axes[2]));
    }
  }
  named({"v", "angle", "u"});  // sinograms: the image is (v, u)
  BOOST_TEST(told([&] {
               ir::scan::references(boxes({{"y", "", views}, {"x", "", pixels}}), ir::role::dark,
                                    data, "d");
             }) == "nothing");
  named({"angle", "v", "u"});
  check_told(
      [&] {
        ir::scan::references(boxes({{"y", "", rows}, {"x", "", 5}}), ir::role::flat, data, "f.tif");
      },
      "65 f.tif: flat of 3x5, but the projections are 3x4");
}

BOOST_AUTO_TEST_CASE(angles_name_the_axes_of_a_stack) {
  ir::scan_files files;
  files.angles = "0:180";
  const auto axes_of = [&](std::vector<ir::axis> axes, const strings& asked) {
    ir::file_contents c = contents(axes);
    ir::open_options o;
    o.axis_names = asked;
    add_scan_files(c, files, o);
    BOOST_TEST((c.arrays[0]->info().what == ir::role::coordinate));
    return names(c.arrays.back()->info().axes);
  };

  BOOST_TEST(axes_of(stack_axes(), {}) == (strings{"angle", "v", "u"}), each);
  BOOST_TEST(axes_of({{"y", "", views}, {"x", "", pixels}}, {}) == (strings{"angle", "u"}), each);
  BOOST_TEST(axes_of(stack_axes(), {"v", "angle", "u"}) == (strings{"v", "angle", "u"}), each);
  check_told([&] { axes_of(stack_axes(), {"v", "w", "u"}); }, "2 --angles: which axis of 6x3x4");
  std::vector<ir::axis> four = stack_axes();
  four.insert(four.begin(), {"c", "", 2});
  check_told([&] { axes_of(four, {}); }, "2 --angles: which axis of 2x6x3x4");
}

BOOST_AUTO_TEST_CASE(rows_and_views_are_selected_in_every_array) {
  ir::file_contents c = contents(stack_axes());
  ir::scan_files files;
  const temporary_folder t;
  write_file(t / "flat.npy", "npy", header_of(dtype::f32, {{"y", "", rows}, {"x", "", pixels}}, 2),
             counting(2 * rows * pixels, 100));
  files.flat = t / "flat.npy";
  files.angles = "0:180";
  add_scan_files(c, files, {});
  ir::selection s;
  s.along = "v";
  s.frames = ir::parse_range("1:3");
  s.roi = {ir::parse_range("2:4"), ir::parse_range("3:")};

  const auto source = cut(std::move(c), s);

  const auto& arrays = source->header().arrays;
  BOOST_TEST(source->header().along.name == "v");
  BOOST_TEST(source->header().along.origin == 12);
  BOOST_TEST((extents_of(arrays[2]) == ir::shape{2, 1}));
  ir::queue q;
  ir::frame f;
  std::vector<numbers> got(3);
  while (source->next(f, q)) {
    const auto some = values_of(std::as_const(f.data).get());
    auto& to = got[static_cast<std::size_t>(f.array_no)];
    to.insert(to.end(), some.begin(), some.end());
  }
  BOOST_TEST(got[0] == (numbers{107, 111, 119, 123}), each);
  BOOST_TEST(got[1] == (numbers{60, 90}), each);
  BOOST_TEST(got[2] == (numbers{31, 43, 35, 47}), each);
}

BOOST_AUTO_TEST_CASE(dxchange_is_a_scan) {
  const temporary_folder t;
  const std::string file = t / "dx.h5";
  add_dataset(file, "/exchange/data", {views, rows, pixels}, counting(views * rows * pixels));
  add_dataset(file, "/exchange/data_white", {2, rows, pixels}, counting(2 * rows * pixels, 1000));
  add_dataset(file, "/exchange/data_dark", {rows, pixels}, counting(rows * pixels));
  add_dataset(file, "/exchange/theta", {views}, {0, 30, 60, 90, 120, 150});

  const auto scan = cut(open_file(file), {});

  const auto& arrays = scan->header().arrays;
  BOOST_REQUIRE(arrays.size() == 4u);
  BOOST_TEST((arrays[0].what == ir::role::dark && *arrays[0].frames == 1));
  BOOST_TEST((arrays[1].what == ir::role::flat && *arrays[1].frames == 2));
  BOOST_TEST((arrays[2].what == ir::role::coordinate && arrays[3].what == ir::role::data));
  BOOST_TEST(names(arrays[3].axes) == (strings{"v", "u"}), each);
  BOOST_TEST(scan->header().along.name == "angle");
  BOOST_TEST(all_values(*scan, 2) == (numbers{0, 30, 60, 90, 120, 150}), each);
  // A dataset that is named is no scan.
  ir::open_options one;
  one.path_inside = "/exchange/data_white";
  BOOST_TEST(file_values(file, one) == counting(2 * rows * pixels, 1000), each);
}

BOOST_AUTO_TEST_CASE(nxtomo_is_split_by_its_keys) {
  const temporary_folder t;
  const std::string file = t / "nx.nxs", detector = "/entry/instrument/detector/";
  const auto image = rows * pixels;
  add_dataset(file, detector + "data", {6, rows, pixels}, counting(6 * image));
  add_dataset(file, detector + "image_key", {6}, {1, 2, 0, 0, 3, 0});
  add_dataset(file, "/entry/sample/rotation_angle", {6}, {0, 0, 10, 20, 25, 30});

  const auto scan = cut(open_file(file), {});

  BOOST_TEST(*data_of(scan->header()).frames == 3);
  numbers projections;
  for (const index_t k : {2, 3, 5})
    for (const double v : counting(image, static_cast<double>(k * image))) projections.push_back(v);
  BOOST_TEST(all_values(*scan) == projections, each);
  BOOST_TEST(all_values(*cut(open_file(file), {}), 0) == counting(image, double(image)), each);
  BOOST_TEST(all_values(*cut(open_file(file), {}), 2) == (numbers{10, 20, 30}), each);
}

BOOST_AUTO_TEST_CASE(scans_that_contradict_themselves_are_refused) {
  const temporary_folder t;
  const std::string angles = t / "angles.h5", keys = t / "keys.nxs", none = t / "none.nxs";
  add_dataset(angles, "/exchange/data", {views, rows, pixels}, counting(views * rows * pixels));
  add_dataset(angles, "/exchange/theta", {5}, counting(5));
  for (const auto& [file, key] : {std::pair(keys, numbers{0, 1}), {none, numbers(views, 1)}}) {
    add_dataset(file, "/entry/data/data", {views, rows, pixels}, counting(views * rows * pixels));
    add_dataset(file, "/entry/data/image_key", {std::ssize(key)}, key);
  }

  check_told([&] { open_file(angles); },
             "65 " + angles + ":/exchange/theta: 5 angles for the 6 frames");
  check_told([&] { open_file(keys); }, "2 keys for the 6 frames");
  check_told([&] { open_file(none); }, "no frame is a projection");
}

BOOST_AUTO_TEST_SUITE_END()
