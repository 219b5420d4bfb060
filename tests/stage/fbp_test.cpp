// What the stage of ir-fbp makes of scans: axes by name, rows, regions and geometry, raw scans,
// refusals.
#include "stage/fbp.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <numbers>

#include "core/error.hpp"
#include "io/metadata.hpp"
#include "io/packed.hpp"
#include "io/scan.hpp"
#include "stage/flatfield.hpp"
#include "support/reconstruction.hpp"
#include "support/scans.hpp"

namespace {

using ir::index_t;
using ir::test::facts;
using ir::test::scan_file;
using ir::test::setup;
using values = std::vector<double>;
constexpr double pi = std::numbers::pi;

constexpr index_t rows = 5, views = 24, pixels = 20;
constexpr double center = 9.25;

// Row v shows two ellipses (1 + v / 4) times as dense as row 0.
scan_file phantom_scan() {
  const std::vector<ir::ellipse> two{{0.03, 6, 4, 1, -2, 0.4}, {0.05, 2, 2, -3, 3, 0}};
  const auto g = ir::whole_slice(ir::even_angles(views, 0, pi), pixels, center);
  const values p = ir::test::sinogram_of(two, g);
  scan_file scan{{"angle", "v", "u"}, {views, rows, pixels}};
  for (index_t a = 0; a < views; ++a)
    for (index_t v = 0; v < rows; ++v)
      for (index_t u = 0; u < pixels; ++u)
        scan.data.push_back(p[static_cast<std::size_t>(a * pixels + u)] *
                            (1 + 0.25 * static_cast<double>(v)));
  for (index_t a = 0; a < views; ++a)
    scan.angles.push_back(180.0 * static_cast<double>(a) / static_cast<double>(views));
  return scan;
}

ir::fbp_stage_options at_center() {
  ir::fbp_stage_options o;
  o.center = center;
  return o;
}

struct result {
  ir::stage_plan plan;
  values slices;
  std::map<std::string, double> told;
  std::vector<std::pair<index_t, index_t>> progress;
};

// The same frames as a pipe brings them.
class piped final : public ir::frame_source {
 public:
  explicit piped(std::unique_ptr<ir::frame_source> from) : from_(std::move(from)) {}
  const ir::stream_header& header() const override { return from_->header(); }

 private:
  bool do_next(ir::frame& f, ir::queue& q) override { return from_->next(f, q); }
  std::unique_ptr<ir::frame_source> from_;
};

enum source_kind : std::uint8_t { with_regions, without_regions };

ir::stage_plan plan_of(const scan_file& scan, const ir::fbp_stage_options& o,
                       const ir::selection& cut) {
  const ir::stream_header h = scan.open(cut)->header();
  return ir::make_fbp(o)->plan(std::span(&h, 1), {});
}

result run(setup& s, const scan_file& scan, const ir::fbp_stage_options& o,
           const ir::selection& cut = {}, index_t memory = 0, source_kind kind = with_regions) {
  const auto body = ir::make_fbp(o);
  ir::sources in;
  in.push_back(scan.open(cut));
  if (kind == without_regions) in[0] = std::make_unique<piped>(std::move(in[0]));
  ir::resources r;
  r.where = s.q.where();
  r.type = s.type;
  r.host_bytes = memory;
  const ir::stream_header h = in[0]->header();
  result out{body->plan(std::span(&h, 1), r), {}, {}, {}};
  out.plan.given = r;
  const auto told = std::make_shared<facts>();
  s.q.listen(told);
  const auto from = body->open(std::move(in), out.plan);
  out.slices = ir::test::data_values(*from, s.q);
  s.q.listen(nullptr);
  out.told = told->all;
  out.progress = told->slices;
  return out;
}

// What the engine makes of row 0, times what the row is denser.
values expected(setup& s, const scan_file& scan, const std::vector<index_t>& of,
                const ir::parallel_geometry& g, const ir::ramp_options& filter = {}) {
  values sinograms;
  for (const index_t v : of)
    for (index_t a = 0; a < views; ++a)
      for (index_t u = 0; u < pixels; ++u)
        sinograms.push_back(scan.data[static_cast<std::size_t>((a * rows + v) * pixels + u)]);
  return ir::test::reconstruct(s, g, filter, sinograms);
}

ir::parallel_geometry geometry() {
  return ir::whole_slice(ir::even_angles(views, 0, pi), pixels, center);
}

void check_close(const setup& s, const values& got, const values& wanted) {
  BOOST_REQUIRE(got.size() == wanted.size());
  double largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i)
    largest = std::max(largest, std::abs(got[i] - wanted[i]));
  BOOST_TEST(largest <= 0.1 * 64 * ir::test::epsilon(s.type));  // slices reach 0.1
}

ir::selection along(const std::string& name) {
  ir::selection s;
  s.along = name;
  return s;
}

template <class Error>
void check_refused(const scan_file& scan, const ir::fbp_stage_options& o, const std::string& said,
                   const ir::selection& cut = {}) {
  setup s("cpu f32", ir::precision::f32, {});
  BOOST_CHECK_EXCEPTION(run(s, scan, o, cut), Error, [&](const Error& e) {
    BOOST_TEST_INFO(e.what());
    return std::string(e.what()).find(said) != std::string::npos;
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fbp_stage)

BOOST_AUTO_TEST_CASE(projections_sinograms_and_volumes_give_the_same_slices) {
  const scan_file scan = phantom_scan();
  ir::selection volume;
  volume.rank = 3;
  for (setup& s : ir::test::setups())
    for (const ir::selection& cut : {ir::selection(), along("v"), volume})
      BOOST_TEST_CONTEXT(s.name << " cut along " << cut.along) {
        const result r = run(s, scan, at_center(), cut);

        check_close(s, r.slices, expected(s, scan, {0, 1, 2, 3, 4}, geometry()));
        BOOST_TEST(r.told.at("center") == center);
        BOOST_TEST(r.told.at("views") == double(views));
      }
}

BOOST_AUTO_TEST_CASE(sinograms_of_a_pipe_are_taken_as_they_come) {
  for (const scan_file& scan : {phantom_scan(), phantom_scan().counts(2)})
    for (setup& s : ir::test::setups())
      for (const char* range : {":", "1::2"}) {
        ir::fbp_stage_options o = at_center();
        o.slices = ir::parse_range(range);
        const result whole = run(s, scan, o, along("v"));

        const result piped = run(s, scan, o, along("v"), 0, without_regions);

        BOOST_TEST((piped.plan.needs[0].kind == ir::access::frames));
        BOOST_TEST(piped.slices == whole.slices, boost::test_tools::per_element());
        BOOST_TEST((piped.told == whole.told));
        o.center.reset();
        BOOST_TEST((plan_of(scan, o, along("v")).needs[0].kind == ir::access::random));
      }
}

BOOST_AUTO_TEST_CASE(axes_are_found_in_any_order) {
  const scan_file scan = phantom_scan();
  for (setup& s : ir::test::setups())
    for (const std::vector<std::string>& order :
         {std::vector<std::string>{"v", "angle", "u"}, {"u", "angle", "v"}, {"u", "v", "angle"}}) {
      const result r = run(s, scan.with_axes(order), at_center());

      check_close(s, r.slices, expected(s, scan, {0, 1, 2, 3, 4}, geometry()));
    }
}

BOOST_AUTO_TEST_CASE(one_sinogram_gives_one_image) {
  const scan_file scan = phantom_scan();
  for (setup& s : ir::test::setups()) {
    scan_file one{{"angle", "u"}, {views, pixels}};
    one.angles = scan.angles;
    for (index_t a = 0; a < views; ++a)
      for (index_t u = 0; u < pixels; ++u)
        one.data.push_back(scan.data[static_cast<std::size_t>(a * rows * pixels + u)]);

    const result r = run(s, one, at_center());

    check_close(s, r.slices, expected(s, scan, {0}, geometry()));
    BOOST_TEST(r.plan.out.along.name.empty());
    BOOST_TEST(*data_of(r.plan.out).frames == 1);
  }
}

BOOST_AUTO_TEST_CASE(slices_are_rows_of_the_whole) {
  const scan_file scan = phantom_scan();
  for (setup& s : ir::test::setups())
    for (const auto& [range, of] : {std::pair<const char*, std::vector<index_t>>{"1:3", {1, 2}},
                                    {"::3", {0, 3}},
                                    {"-1", {4}},
                                    {"1::2", {1, 3}}}) {
      ir::fbp_stage_options o = at_center();
      o.slices = ir::parse_range(range);

      const result r = run(s, scan, o);

      check_close(s, r.slices, expected(s, scan, of, geometry()));
      BOOST_TEST(r.plan.out.along.size == std::ssize(of));
      BOOST_TEST(r.plan.out.along.origin == double(of[0]));
    }
}

BOOST_AUTO_TEST_CASE(little_memory_makes_small_batches_of_the_same_slices) {
  const scan_file scan = phantom_scan();
  for (setup& s : ir::test::setups()) {
    const index_t least = run(s, scan, at_center()).plan.host_bytes;
    const auto fewer = [&](index_t bytes) {
      try {
        return run(s, scan, at_center(), {}, bytes).plan.why;
      } catch (const ir::memory_error& e) {
        return std::string(e.what());
      }
    };

    BOOST_TEST(fewer(2 * least).find("8 slices at once") != std::string::npos);
    index_t bytes = least;
    while (fewer(bytes).find(" 2 slices at once") == std::string::npos) {
      bytes = bytes * 99 / 100;
      BOOST_REQUIRE(bytes > 0);
    }

    const result r = run(s, scan, at_center(), {}, bytes);

    check_close(s, r.slices, expected(s, scan, {0, 1, 2, 3, 4}, geometry()));
    BOOST_TEST(
        (r.progress.front().second == 5 && r.progress.back() == std::pair<index_t, index_t>(5, 5)));
    BOOST_TEST(fewer(1000).find("give --memory") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(regions_and_sizes_are_parts_of_the_whole) {
  const scan_file scan = phantom_scan();
  for (setup& s : ir::test::setups()) {
    ir::fbp_stage_options o = at_center();
    o.slices = ir::parse_range("0");
    const values whole = run(s, scan, o).slices;
    const auto part = [&](index_t y, index_t x, index_t ny, index_t nx) {
      values out;
      for (index_t j = y; j < y + ny; ++j)
        for (index_t i = x; i < x + nx; ++i)
          out.push_back(whole[static_cast<std::size_t>(j * pixels + i)]);
      return out;
    };

    o.roi = {ir::parse_range("3:9"), ir::parse_range("-5:")};
    const result roi = run(s, scan, o);
    o.roi.clear();
    o.size = {10, 6};
    const result size = run(s, scan, o);

    check_close(s, roi.slices, part(3, 15, 6, 5));
    BOOST_TEST(data_of(roi.plan.out).axes[1].origin == 5.5);
    check_close(s, size.slices, part(5, 7, 10, 6));
    BOOST_TEST(data_of(size.plan.out).axes[0].origin == -4.5);
  }
}

BOOST_AUTO_TEST_CASE(geometry_is_physical_and_survives_crops_and_bins) {
  scan_file scan = phantom_scan();
  scan.spacing = 0.65;
  scan.unit = "um";
  setup s("cpu f32", ir::precision::f32, {});
  ir::fbp_stage_options o = at_center();
  o.slices = ir::parse_range("1:4:2");

  const result whole = run(s, scan, o);
  ir::selection some;
  some.roi = {ir::parse_range("1:"), ir::parse_range("2:18")};
  o.center = center - 2;
  o.slices = ir::parse_range("0:3:2");
  const result cropped = run(s, scan, o, some);

  for (const result& r : {whole, cropped}) {
    const ir::axis& z = r.plan.out.along;
    BOOST_TEST((z.name == "z" && z.unit == "um" && z.size == 2));
    BOOST_TEST(z.spacing == 1.3, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(z.origin == 0.65, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(*r.plan.out.meta->text("unit") == "1/um");
  }
  const auto& axes = data_of(whole.plan.out).axes;
  BOOST_TEST((axes[0].name == "y" && axes[1].name == "x" && axes[1].unit == "um"));
  BOOST_TEST(axes[1].spacing == 0.65);
  BOOST_TEST(axes[1].origin == -9.5 * 0.65, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(data_of(cropped.plan.out).axes[1].origin == -7.5 * 0.65,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(!data_of(whole.plan.out).nominal.has_value());
}

BOOST_AUTO_TEST_CASE(bins_of_the_input_keep_values_per_pixel_of_the_detector) {
  const scan_file scan = phantom_scan();
  setup s("cpu f64", ir::precision::f64, {});
  const auto mean = [](const values& v) {
    return std::accumulate(v.begin(), v.end(), 0.0) / double(v.size());
  };
  ir::fbp_stage_options o = at_center();
  o.slices = ir::parse_range("0");
  const result whole = run(s, scan, o);
  ir::selection bin;
  bin.bin = {1, 2};
  o.center = (center - 0.5) / 2;  // in pixels as they arrive

  const result binned = run(s, scan, o, bin);

  BOOST_TEST(mean(binned.slices) == mean(whole.slices), boost::test_tools::tolerance(0.01));
  BOOST_TEST(data_of(binned.plan.out).axes[1].spacing == 2);
  BOOST_TEST(data_of(binned.plan.out).axes[1].origin == -9);
}

BOOST_AUTO_TEST_CASE(a_pixel_size_scales_values_and_axes) {
  const scan_file scan = phantom_scan();
  setup s("cpu f64", ir::precision::f64, {});
  ir::fbp_stage_options o = at_center();
  const values per_pixel = run(s, scan, o).slices;
  o.pixel_size = 0.5;
  o.unit = "mm";

  const result r = run(s, scan, o);

  values scaled = per_pixel;
  for (double& v : scaled) v /= 0.5;
  check_close(s, r.slices, scaled);
  BOOST_TEST(data_of(r.plan.out).axes[0].spacing == 0.5);
  BOOST_TEST(data_of(r.plan.out).axes[0].unit == "mm");
  BOOST_TEST((r.plan.out.along.spacing == 0.5 && r.plan.out.along.unit == "mm"));
  BOOST_TEST(*r.plan.out.meta->text("unit") == "1/mm");
}

BOOST_AUTO_TEST_CASE(the_filter_is_the_one_asked_for) {
  const scan_file scan = phantom_scan();
  for (setup& s : ir::test::setups()) {
    ir::fbp_stage_options o = at_center();
    o.filter = {ir::ramp_window::butterworth, 0.3, 2, ir::row_padding::zero};

    check_close(s, run(s, scan, o).slices,
                expected(s, scan, {0, 1, 2, 3, 4}, geometry(), o.filter));
  }
}

BOOST_AUTO_TEST_CASE(a_raw_scan_is_corrected_like_by_the_flat_field_stage) {
  const scan_file raw = phantom_scan().counts(2);
  for (setup& s : ir::test::setups())
    for (const ir::selection& cut : {ir::selection(), along("v")}) {
      const auto correct = ir::make_flatfield({});
      ir::sources in;
      in.push_back(raw.open());
      const ir::stream_header h = in[0]->header();
      ir::resources r;
      r.type = s.type;
      r.where = s.q.where();
      const ir::stage_plan p = correct->plan(std::span(&h, 1), r);
      scan_file lines = phantom_scan();
      lines.data = ir::test::data_values(*correct->open(std::move(in), p), s.q);

      const result direct = run(s, raw, at_center(), cut);

      check_close(s, direct.slices, run(s, lines, at_center()).slices);
      BOOST_TEST(direct.told.at("dead_pixels") == 1);
      BOOST_TEST(direct.told.at("repaired") == double(views));
      BOOST_TEST(direct.plan.why.find("2 flats, 1 dark:") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_is_refused) {
  const scan_file scan = phantom_scan();
  const ir::fbp_stage_options fine = at_center();
  const auto with = [&](auto change) {
    ir::fbp_stage_options o = fine;
    change(o);
    return o;
  };
  check_refused<ir::usage_error>(scan, with([](auto& o) { o.center = pixels; }), "pixels 0 to 19");
  check_refused<ir::usage_error>(scan, with([](auto& o) { o.slices = ir::parse_range("3:6"); }),
                                 "--slices");
  check_refused<ir::usage_error>(scan, with([](auto& o) { o.roi = {ir::parse_range("0:3")}; }),
                                 "two ranges");
  check_refused<ir::usage_error>(scan, with([](auto& o) {
                                   o.roi = {ir::parse_range("0:3"), ir::parse_range("0:21")};
                                 }),
                                 "--roi, columns");
  check_refused<ir::usage_error>(scan, with([](auto& o) { o.size = {0}; }), "--size 0");
  check_refused<ir::usage_error>(scan, with([](auto& o) { o.pixel_size = 0; }), "--pixel-size");
  check_refused<ir::usage_error>(scan, with([](auto& o) { o.filter.cutoff = 0.6; }), "cut-off");

  scan_file none = scan;
  none.angles.clear();
  check_refused<ir::data_error>(none, fine, "no angles");
  scan_file two = scan;
  two.angles[3] = two.angles[2];
  check_refused<ir::data_error>(two, fine, "view 2 is at 15 degrees, view 3 at 15");
  two.angles[3] = 0;
  check_refused<ir::data_error>(two, fine, "--any-order");
  two.angles[3] = std::numeric_limits<double>::quiet_NaN();
  check_refused<ir::data_error>(two, fine, "the angle of view 3 is nan");
  scan_file nan = scan;
  nan.data[static_cast<std::size_t>((7 * rows + 2) * pixels + 4)] =
      std::numeric_limits<double>::quiet_NaN();
  check_refused<ir::data_error>(nan, fine, "view 7, row 2, pixel 4 is nan (1 of");
  check_refused<ir::data_error>(nan, fine, "view 7, row 2, pixel 4 is nan", along("v"));
  scan_file axes = scan.with_axes({"angle", "v", "u"});
  axes.names = {"angle", "t", "u"};
  check_refused<ir::data_error>(axes, fine, "axis t");
  scan_file counts = scan.counts(1);
  counts.flats.clear();
  check_refused<ir::data_error>(counts, fine, "no flats");
  counts.darks.clear();
  check_refused<ir::data_error>(counts, fine, "--dtype f32");
}

BOOST_AUTO_TEST_CASE(angles_in_any_order_are_right_where_said) {
  const scan_file scan = phantom_scan();
  scan_file shuffled = scan;
  for (index_t a = 0; a < views; ++a) {
    const index_t from = a * 7 % views;
    shuffled.angles[static_cast<std::size_t>(a)] = scan.angles[static_cast<std::size_t>(from)];
    std::copy_n(scan.data.begin() + from * rows * pixels, rows * pixels,
                shuffled.data.begin() + a * rows * pixels);
  }
  ir::fbp_stage_options o = at_center();
  o.any_order = true;
  for (setup& s : ir::test::setups())
    check_close(s, run(s, shuffled, o).slices, run(s, scan, at_center()).slices);
}

BOOST_AUTO_TEST_SUITE_END()
