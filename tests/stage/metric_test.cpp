// Values of every metric by hand, and that they do not depend on how frames come.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "stage/metric_compare.hpp"
#include "stage/metric_input.hpp"

namespace {

using ir::index_t;
using values = std::vector<double>;

/// Frames of f64 from memory: whole, in parts of `lines` lines, or by regions.
class memory_source final : public ir::frame_source, public ir::region_source {
 public:
  enum class gives { order, regions };
  memory_source(std::vector<ir::axis> axes, std::vector<values> frames, index_t lines = 0,
                gives how = gives::order)
      : frames_(std::move(frames)), lines_(lines), how_(how) {
    header_.arrays = {{"data", ir::role::data, ir::dtype::f64, std::move(axes), {}, {}}};
    header_.arrays[0].frames = static_cast<index_t>(frames_.size());
    extents_ = ir::extents_of(header_.arrays[0]);
  }
  const ir::stream_header& header() const override { return header_; }
  ir::array_info& info() { return header_.arrays[0]; }
  const ir::region_source* regions() const override {
    return how_ == gives::regions ? this : nullptr;
  }
  std::vector<ir::region> tiles() const override { return {}; }

 private:
  bool do_next(ir::frame& f, ir::queue& q) override {
    if (number_ == static_cast<index_t>(frames_.size())) return false;
    const index_t all = ir::line_count(header_.arrays[0]);
    const index_t nx = extents_[extents_.rank() - 1];
    f.array_no = 0;
    f.number = number_;
    f.begin = line_;
    f.end = lines_ > 0 ? std::min(all, line_ + lines_) : all;
    f.data.reset(q, ir::dtype::f64, ir::shape{f.end - f.begin, nx});
    std::copy_n(frames_[static_cast<std::size_t>(number_)].data() + f.begin * nx,
                (f.end - f.begin) * nx, static_cast<double*>(f.data.get().data));
    line_ = f.end == all ? 0 : f.end;
    number_ += f.end == all;
    return true;
  }
  const ir::stream_header& shape_of() const override { return header_; }
  void do_read(const ir::region& r, ir::ref out, ir::queue&) const override {
    // Boxes of one plane at most: leading extents are 1.
    index_t at = 0, from = 0;
    for (int axis = 0; axis < extents_.rank(); ++axis)
      from = from * extents_[axis] + r.origin[axis];
    const index_t nx = extents_[extents_.rank() - 1];
    for (; at < r.extents.count(); ++at)
      static_cast<double*>(out.data)[at] =
          frames_[static_cast<std::size_t>(r.number)]
                 [static_cast<std::size_t>(from + at / r.extents[extents_.rank() - 1] * nx +
                                           at % r.extents[extents_.rank() - 1])];
  }

  ir::stream_header header_;
  std::vector<values> frames_;
  index_t lines_;
  gives how_;
  ir::shape extents_;
  index_t number_ = 0, line_ = 0;
};

ir::axis axis(const char* name, index_t n) { return {name, "", n, 1, 0}; }
memory_source picture(index_t ny, index_t nx, values v) {
  return memory_source({axis("y", ny), axis("x", nx)}, {std::move(v)});
}

ir::comparison compare(memory_source x, memory_source r, const ir::compare_options& o = {}) {
  ir::queue q;
  return ir::compare(x, r, o, {}, q).at(0);
}
ir::metric_value value(const ir::comparison& c, std::string_view name) {
  for (std::size_t i = 0; i < c.values.size(); ++i)
    if (ir::metrics()[i].name == name) return c.values[i];
  throw std::invalid_argument("no such metric");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metric)

BOOST_AUTO_TEST_CASE(every_metric_has_the_value_found_by_hand) {
  // x - r = (1, -2, 0, 3); r = (1, 4, 2, 5)
  const ir::comparison c = compare(picture(2, 2, {2, 2, 2, 8}), picture(2, 2, {1, 4, 2, 5}));

  const auto tolerance = boost::test_tools::tolerance(1e-14);
  BOOST_TEST(*value(c, "rmse") == std::sqrt(14.0 / 4), tolerance);
  BOOST_TEST(*value(c, "nrmse") == std::sqrt(14.0 / 46), tolerance);
  BOOST_TEST(*value(c, "mae") == 6.0 / 4, tolerance);
  BOOST_TEST(*value(c, "max") == 3.0);
  BOOST_TEST(*value(c, "bias") == 0.5, tolerance);
  BOOST_TEST(*value(c, "psnr") == 20 * std::log10(4 / std::sqrt(3.5)), tolerance);
  BOOST_TEST(*value(c, "idiv") ==
                 (std::log(0.5) + 1 + 4 * std::log(2.0) - 2 + 0 + 5 * std::log(5.0 / 8) + 3) / 4,
             tolerance);
  BOOST_TEST(c.peak.value == 4.0);
  BOOST_TEST(c.peak.from == "max - min of the reference");
}

BOOST_AUTO_TEST_CASE(the_peak_is_the_one_given_else_nominal_and_nothing_is_clipped) {
  memory_source r = picture(1, 2, {10, 20});
  r.info().nominal = {ir::dtype::u8, {0, 255}};
  ir::queue q;
  memory_source x = picture(1, 2, {-990, 20});

  const ir::comparison nominal = ir::compare(x, r, {}, {}, q).at(0);
  ir::compare_options o;
  o.peak = 1000;
  const ir::comparison given = compare(picture(1, 2, {-990, 20}), picture(1, 2, {10, 20}), o);

  const double rmse = 1000 / std::sqrt(2.0);
  BOOST_TEST(nominal.peak.value == 255.0);
  BOOST_TEST(nominal.peak.from == "nominal range of the reference");
  BOOST_TEST(*value(nominal, "psnr") == 20 * std::log10(255 / rmse),
             boost::test_tools::tolerance(1e-14));
  BOOST_TEST(*value(given, "psnr") == 20 * std::log10(1000 / rmse),
             boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(equal_images_have_infinite_psnr_and_no_error) {
  const ir::comparison c = compare(picture(1, 3, {0, 1, 2}), picture(1, 3, {0, 1, 2}));

  BOOST_TEST(*value(c, "psnr") == std::numeric_limits<double>::infinity());
  BOOST_TEST(*value(c, "rmse") == 0.0);
  BOOST_TEST(*value(c, "idiv") == 0.0);
}

BOOST_AUTO_TEST_CASE(zeros_and_negative_values_follow_the_conventions_of_the_i_divergence) {
  const auto idiv = [](values x, values r) {
    return value(compare(picture(1, 2, std::move(x)), picture(1, 2, std::move(r))), "idiv");
  };

  BOOST_TEST(*idiv({3, 1}, {0, 1}) == 1.5);  // 0 ln 0 = 0: x remains
  BOOST_TEST(*idiv({0, 1}, {0, 1}) == 0.0);
  BOOST_TEST(*idiv({0, 1}, {2, 1}) == std::numeric_limits<double>::infinity());
  BOOST_TEST(!idiv({-1, 1}, {2, 1}).has_value());
  BOOST_TEST(!idiv({1, 1}, {-2, 1}).has_value());
}

BOOST_AUTO_TEST_CASE(what_a_zero_reference_leaves_undefined_is_absent) {
  const ir::comparison c = compare(picture(1, 2, {1, 1}), picture(1, 2, {0, 0}));

  BOOST_TEST(!value(c, "nrmse").has_value());
  BOOST_TEST(!value(c, "psnr").has_value());  // peak max - min = 0
  BOOST_TEST(*value(c, "rmse") == 1.0);
}

BOOST_AUTO_TEST_CASE(scaling_finds_the_factor_of_sums_or_of_least_squares) {
  using how = memory_source::gives;
  const auto run = [](ir::metric_scale scale) {
    const std::vector<ir::axis> axes{axis("y", 1), axis("x", 2)};
    ir::compare_options o;
    o.scale = scale;
    return compare(memory_source(axes, {{1, 3}}, 0, how::regions),
                   memory_source(axes, {{4, 4}}, 0, how::regions), o);
  };

  const ir::comparison sum = run(ir::metric_scale::sum), fit = run(ir::metric_scale::least_squares);

  BOOST_TEST(sum.factor == 2.0);          // 8 / 4
  BOOST_TEST(*value(sum, "mae") == 2.0);  // (2, 6) - (4, 4)
  BOOST_TEST(fit.factor == 1.6);          // 16 / 10
  BOOST_TEST(*value(fit, "max") == 2.4, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(an_input_without_sum_cannot_be_scaled) {
  using how = memory_source::gives;
  const std::vector<ir::axis> axes{axis("x", 2)};
  ir::compare_options o;
  o.scale = ir::metric_scale::sum;

  BOOST_CHECK_THROW(compare(memory_source(axes, {{1, -1}}, 0, how::regions),
                            memory_source(axes, {{1, 1}}, 0, how::regions), o),
                    ir::data_error);
}

BOOST_AUTO_TEST_CASE(frames_can_be_judged_one_by_one_with_a_factor_each) {
  using how = memory_source::gives;
  const std::vector<ir::axis> axes{axis("x", 2)};
  memory_source x(axes, {{1, 1}, {1, 2}}, 0, how::regions),
      r(axes, {{2, 2}, {3, 6}}, 0, how::regions);
  ir::compare_options o;
  o.each_frame = true;
  o.scale = ir::metric_scale::sum;
  ir::queue q;

  const auto all = ir::compare(x, r, o, {}, q);

  BOOST_TEST(all.size() == 2u);
  BOOST_TEST(all[0].factor == 2.0);
  BOOST_TEST(all[1].factor == 3.0);
  BOOST_TEST(*value(all[1], "rmse") == 0.0);
}

BOOST_AUTO_TEST_CASE(a_border_is_left_out_of_spatial_axes_alone) {
  // (c, y, x) = (2, 3, 4): of each colour the two pixels in the middle remain.
  values x(24, 100), r(24, 0);
  for (const std::size_t i : {5u, 6u, 17u, 18u}) x[i] = 1;
  const std::vector<ir::axis> axes{axis("c", 2), axis("y", 3), axis("x", 4)};
  ir::compare_options o;
  o.border = 1;

  const ir::comparison c = compare(memory_source(axes, {x}), memory_source(axes, {r}), o);

  BOOST_TEST(c.pixels == 4);
  BOOST_TEST(*value(c, "max") == 1.0);
  o.border = 2;
  BOOST_CHECK_THROW(compare(memory_source(axes, {x}), memory_source(axes, {r}), o),
                    ir::usage_error);
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_parts_regions_or_threads) {
  const std::vector<ir::axis> axes{axis("z", 3), axis("y", 211), axis("x", 517)};
  values x(3 * 211 * 517), r(x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = 1 + std::sin(0.01 * static_cast<double>(i));
    r[i] = 1 + std::sin(0.01 * static_cast<double>(i) + 0.3);
  }
  using how = memory_source::gives;
  const ir::comparison whole = compare(memory_source(axes, {x, r}), memory_source(axes, {r, x}));
  const auto same = [&](const ir::comparison& c) {
    for (std::size_t i = 0; i < c.values.size(); ++i) BOOST_TEST(*c.values[i] == *whole.values[i]);
  };

  same(compare(memory_source(axes, {x, r}, 7), memory_source(axes, {r, x}, 100)));
  same(compare(memory_source(axes, {x, r}, 0, how::regions), memory_source(axes, {r, x}, 1)));
  const int before = ir::threads();
  ir::set_threads(before == 1 ? 2 : 1);
  same(compare(memory_source(axes, {x, r}, 7), memory_source(axes, {r, x}, 633)));
  ir::set_threads(before);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_compared_is_refused_with_both_shapes) {
  const auto says = [](const char* text) {
    return [text](const ir::error& e) {
      BOOST_TEST_MESSAGE(e.what());
      return std::string(e.what()).find(text) != std::string::npos;
    };
  };
  const std::vector<ir::axis> two{axis("x", 2)};

  BOOST_CHECK_EXCEPTION(compare(picture(1, 2, {1, 2}), picture(2, 1, {1, 2})), ir::shape_error,
                        says("1x2, of the reference 2x1"));
  BOOST_CHECK_EXCEPTION(compare(memory_source(two, {{1, 2}, {1, 2}}), memory_source(two, {{1, 2}})),
                        ir::shape_error, says("the input has 2 frames, the reference 1"));
  memory_source x(two, {{1, 2}, {1, 2}}), r(two, {{1, 2}});
  r.info().frames.reset();
  ir::queue q;
  BOOST_CHECK_EXCEPTION(ir::compare(x, r, {}, {}, q), ir::shape_error,
                        says("the reference has 1 frames, the input more"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  BOOST_CHECK_EXCEPTION(
      compare(memory_source(two, {{1, 2}, {1, 2}}), memory_source(two, {{1, 2}, {nan, 2}})),
      ir::data_error, says("frame 1 of the reference: 1 of 2"));
  BOOST_CHECK_THROW(compare(memory_source(two, {}), memory_source(two, {})), ir::data_error);
}

BOOST_AUTO_TEST_SUITE_END()
