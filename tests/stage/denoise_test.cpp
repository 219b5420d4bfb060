// What the stage of ir-denoise makes of a stream: channels together, batch axes one by one, integer
// types back, masks, maps, the estimated sigma, slabs equal to the whole.
#include "stage/denoise.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"
#include "denoise/median.hpp"
#include "support/pictures.hpp"
#include "support/setup.hpp"

namespace {

using ir::index_t;
using ir::shape;
using ir::test::axes_of;
using ir::test::pictures;
using values = std::vector<double>;

// Means over planes k - 2 to k + 2 and over the valid pixels of the same place, all channels
// alike: shows halo, channels and mask. Adds sigma, which shows what the method is told.
class plane_mean final : public ir::denoiser {
  halo do_reach() const override { return {2, true}; }
  bool do_takes(ir::dtype t) const override { return t == ir::dtype::u8; }
  index_t do_scratch(const shape&, ir::dtype, ir::device) const override { return 0; }
  double do_seconds(const shape&, ir::device, int) const override { return 0; }
  std::unique_ptr<ir::denoising> do_begin() const override {
    return ir::denoising_by([](ir::queue& q, const ir::noisy_image& in, ir::plane_range keep,
                               ir::ref out) {
      const index_t channels = in.channels(), planes = in.data.extents[1];
      const index_t plane = in.data.extents.count() / channels / planes;
      values from(static_cast<std::size_t>(in.data.extents.count())), to;
      ir::copy(q, in.data, ir::ref(from.data(), ir::dtype::f64, in.data.extents));
      q.synchronize();
      values sigma(static_cast<std::size_t>(planes * plane), in.sigma);
      if (in.sigma_map)
        ir::copy(q, *in.sigma_map, ir::ref(sigma.data(), ir::dtype::f64, in.sigma_map->extents));
      std::vector<std::uint8_t> valid(sigma.size(), 1);
      if (in.valid) ir::copy(q, *in.valid, ir::ref(valid.data(), ir::dtype::u8, in.valid->extents));
      q.synchronize();
      for (index_t c = 0; c < channels; ++c)
        for (index_t k = keep.first; k < keep.last; ++k)
          for (index_t i = 0; i < plane; ++i) {
            double sum = 0, count = 0;
            for (index_t d = 0; d < channels; ++d)
              for (index_t j = std::max<index_t>(0, k - 2); j <= std::min(planes - 1, k + 2); ++j) {
                const auto at = static_cast<std::size_t>(j * plane + i);
                if (valid[at] == 0) continue;
                sum += from[static_cast<std::size_t>(d * planes * plane) + at];
                ++count;
              }
            to.push_back(sum / count + sigma[static_cast<std::size_t>(k * plane + i)]);
          }
      ir::copy(q, ir::cref(to.data(), ir::dtype::f64, out.extents), out);
      q.synchronize();
    });
  }
};

struct facts final : ir::listener {
  std::vector<double> sigma;
  void progress(std::string_view, index_t, index_t) override {}
  void fact(std::string_view name, double value) override {
    if (name == "sigma") sigma.push_back(value);
  }
};

struct stack {
  shape n;
  std::string names;
  std::vector<values> frames;
  ir::dtype type = ir::dtype::f32;
  values mask = {};
};

std::unique_ptr<pictures> source_of(const stack& s) {
  auto p = std::make_unique<pictures>();
  if (!s.mask.empty()) {
    const shape n(s.n.extents().last(2));
    p->head.arrays.push_back({"mask", ir::role::mask, ir::dtype::u8, axes_of(n, "yx"), {}, 1});
    p->content.push_back({s.mask});
  }
  p->add_data(s.type, s.n, s.names, {ir::dtype::u8, {0, 255}}, "z", s.frames);
  return p;
}

struct result {
  ir::stage_plan plan;
  std::vector<values> frames;
  std::vector<double> sigma;
};

result run(ir::test::setup& s, const ir::denoise_options& o, const stack& in, index_t memory = 0,
           std::shared_ptr<const ir::denoiser> method = std::make_shared<plane_mean>()) {
  const auto body = ir::make_denoise(std::move(method), o);
  auto from = source_of(in);
  ir::resources r;
  r.where = s.q.where();
  r.type = s.type;
  r.host_bytes = memory;
  result out;
  out.plan = body->plan({&from->head, 1}, r);
  out.plan.given = r;
  const auto heard = std::make_shared<facts>();
  s.q.listen(heard);
  ir::sources inputs;
  inputs.push_back(std::move(from));
  const auto source = body->open(std::move(inputs), out.plan);
  const int data = ir::data_index(source->header());
  ir::frame f;
  while (source->next(f, s.q)) {
    if (f.array_no != data) continue;
    const ir::cref got = std::as_const(f.data).get();
    values v(static_cast<std::size_t>(got.extents.count()));
    ir::copy(s.q, got, ir::ref(v.data(), ir::dtype::f64, got.extents));
    s.q.synchronize();
    if (f.begin == 0) out.frames.emplace_back();
    out.frames.back().insert(out.frames.back().end(), v.begin(), v.end());
  }
  out.sigma = heard->sigma;
  return out;
}

values ramp(index_t n, index_t seed = 1) {
  values v;
  for (index_t i = 0; i < n; ++i) v.push_back(static_cast<double>((i * i * 7 + i * seed) % 251));
  return v;
}

ir::denoise_options with_sigma(double sigma) {
  ir::denoise_options o;
  o.sigma = sigma;
  return o;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(denoise_stage)

BOOST_AUTO_TEST_CASE(channels_go_together_and_batch_axes_one_by_one) {
  for (ir::test::setup& s : ir::test::setups()) {
    // One plane each: the mean over both channels of the same image, (c, t, y, x).
    const result r = run(s, with_sigma(0), {{2, 3, 1, 2}, "ctyx", {ramp(12)}});

    BOOST_REQUIRE(r.frames.size() == 1);
    const values in = ramp(12);
    for (std::size_t i = 0; i < 12; ++i)
      BOOST_TEST(r.frames[0][i] == (in[i % 6] + in[i % 6 + 6]) / 2);
  }
}

BOOST_AUTO_TEST_CASE(integers_come_back_in_their_type_rounded) {
  for (ir::test::setup& s : ir::test::setups()) {
    const result r = run(s, with_sigma(0), {{2, 1, 2}, "cyx", {{10, 20, 11, 22}}, ir::dtype::u8});

    BOOST_TEST((ir::data_of(r.plan.out).type == ir::dtype::u8));
    BOOST_TEST(ir::data_of(r.plan.out).nominal.has_value());
    BOOST_TEST(r.frames[0] == (values{10, 21, 10, 21}), boost::test_tools::per_element());
    const result real = run(s, with_sigma(0), {{1, 2}, "yx", {{1, 2}}});
    BOOST_TEST((ir::data_of(real.plan.out).type == ir::real_type(s.type)));
  }
}

BOOST_AUTO_TEST_CASE(strength_mixes_the_noisy_image_in) {
  for (ir::test::setup& s : ir::test::setups()) {
    ir::denoise_options o = with_sigma(8);
    o.strength = 0.25;

    const result r = run(s, o, {{1, 2}, "yx", {{100, 200}}});

    BOOST_TEST(r.frames[0] == (values{102, 202}), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(masked_pixels_have_no_influence_and_are_made_from_others) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (ir::test::setup& s : ir::test::setups()) {
    ir::denoise_options o = with_sigma(0);
    o.strength = 0.5;

    const result r = run(s, o, {{3, 1}, "yx", {{4, nan, 8}}, ir::dtype::f32, {0, 1, 0}});

    BOOST_TEST(r.frames[0] == (values{5, 6, 7}), boost::test_tools::per_element());
    BOOST_CHECK_EXCEPTION(run(s, o, {{3, 1}, "yx", {{4, nan, nan}}, ir::dtype::f32, {0, 1, 0}}),
                          ir::data_error, [](const ir::data_error& e) {
                            return std::string(e.what()).find("frame 0: 1 of 3") !=
                                   std::string::npos;
                          });
    BOOST_CHECK_THROW(run(s, o, {{2, 3, 1}, "cyx", {ramp(6)}, ir::dtype::f32, {1, 1, 1}}),
                      ir::data_error);
  }
}

BOOST_AUTO_TEST_CASE(a_mask_of_another_size_is_refused) {
  for (ir::test::setup& s : ir::test::setups()) {
    auto from = source_of({{3, 2}, "yx", {ramp(6)}, ir::dtype::f32, ramp(6)});
    from->head.arrays[0].axes = axes_of({2, 2}, "yx");
    from->content[0] = {values{0, 0, 0, 0}};
    const auto body = ir::make_denoise(std::make_shared<plane_mean>(), with_sigma(1));
    ir::resources given;
    given.where = s.q.where();
    const ir::stage_plan p = body->plan({&from->head, 1}, given);
    ir::sources inputs;
    inputs.push_back(std::move(from));
    const auto source = body->open(std::move(inputs), p);

    ir::frame f;
    BOOST_TEST(source->next(f, s.q));
    BOOST_CHECK_THROW(source->next(f, s.q), ir::shape_error);
  }
}

BOOST_AUTO_TEST_CASE(slabs_give_what_the_whole_gives) {
  for (ir::test::setup& s : ir::test::setups()) {
    if (s.q.where().kind != ir::device::cpu) continue;  // slabs are the host's way
    const stack in{{2000, 3000}, "yx", {ramp(6000000), ramp(6000000, 3)}};
    const result whole = run(s, with_sigma(5), in);

    const result slabs = run(s, with_sigma(5), in, whole.plan.host_bytes / 2);

    BOOST_TEST((slabs.plan.needs[0].kind == ir::access::random));
    BOOST_TEST(slabs.plan.host_bytes <= whole.plan.host_bytes / 2);
    BOOST_REQUIRE(slabs.frames.size() == 2);
    BOOST_TEST((slabs.frames == whole.frames));
  }
}

BOOST_AUTO_TEST_CASE(slabs_hold_all_channels_and_leave_one_channel_after_the_other) {
  for (ir::test::setup& s : ir::test::setups()) {
    if (s.q.where().kind != ir::device::cpu) continue;
    const stack in{{3, 2, 700, 1500}, "ctyx", {ramp(6300000), ramp(6300000, 3)}};
    const result whole = run(s, with_sigma(5), in);

    const result slabs = run(s, with_sigma(5), in, whole.plan.host_bytes / 2);

    BOOST_TEST((slabs.plan.needs[0].kind == ir::access::random));
    BOOST_TEST(slabs.plan.spool_bytes == 2 * 2 * 700 * 1500 * size_of(ir::real_type(s.type)));
    BOOST_TEST((slabs.frames == whole.frames));
  }
}

BOOST_AUTO_TEST_CASE(channels_that_do_not_mix_need_no_scratch_file) {
  for (ir::test::setup& s : ir::test::setups()) {
    if (s.q.where().kind != ir::device::cpu) continue;
    const stack in{{3, 1000, 1500}, "cyx", {ramp(4500000)}};
    const std::shared_ptr<const ir::denoiser> median = ir::make_median({2});
    const result whole = run(s, with_sigma(0), in, 0, median);

    const result slabs = run(s, with_sigma(0), in, whole.plan.host_bytes / 2, median);

    BOOST_TEST((slabs.plan.needs[0].kind == ir::access::random));
    BOOST_TEST(slabs.plan.spool_bytes == 0);
    BOOST_TEST((slabs.frames == whole.frames));
  }
}

BOOST_AUTO_TEST_CASE(too_little_memory_is_refused_with_what_is_needed) {
  for (ir::test::setup& s : ir::test::setups()) {
    if (s.q.where().kind != ir::device::cpu) continue;
    BOOST_CHECK_EXCEPTION(run(s, with_sigma(5), {{100, 100}, "yx", {ramp(10000)}}, 1000),
                          ir::memory_error, [](const ir::memory_error& e) {
                            return std::string(e.what()).find("--memory") != std::string::npos;
                          });
  }
}

BOOST_AUTO_TEST_CASE(sigma_is_estimated_once_a_frame_or_once_for_the_stack) {
  for (ir::test::setup& s : ir::test::setups()) {
    stack in{{96, 96}, "yx", {values(9216, 100), values(9216, 100)}};
    for (std::size_t k = 0; k < 2; ++k) {
      ir::queue host;
      ir::add_gaussian(host, {7, static_cast<index_t>(k), 0}, k == 0 ? 4.0 : 8.0,
                       ir::ref(in.frames[k].data(), ir::dtype::f64, {9216}));
    }
    ir::denoise_options o;

    const result each = run(s, o, in);
    o.estimate = ir::denoise_options::per::stack;
    const result once = run(s, o, in);

    BOOST_REQUIRE(each.sigma.size() == 2);
    BOOST_TEST(each.sigma[0] == 4, boost::test_tools::tolerance(0.06));
    BOOST_TEST(each.sigma[1] == 8, boost::test_tools::tolerance(0.06));
    BOOST_REQUIRE(once.sigma.size() == 1);
    BOOST_TEST(once.sigma[0] == each.sigma[0]);
  }
}

BOOST_AUTO_TEST_CASE(slabs_estimate_the_same_sigma_as_the_whole) {
  for (ir::test::setup& s : ir::test::setups()) {
    if (s.q.where().kind != ir::device::cpu) continue;
    stack in{{1500, 2000}, "yx", {values(3000000, 50)}};
    ir::queue host;
    ir::add_gaussian(host, {7, 0, 0}, 3.0, ir::ref(in.frames[0].data(), ir::dtype::f64, {3000000}));

    const result whole = run(s, {}, in);
    const result slabs = run(s, {}, in, whole.plan.host_bytes * 2 / 3);

    BOOST_TEST((slabs.plan.needs[0].kind == ir::access::random));
    BOOST_TEST(slabs.sigma == whole.sigma, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  ir::denoise_options o = with_sigma(-1);
  BOOST_CHECK_THROW(ir::make_denoise(std::make_shared<plane_mean>(), o), ir::usage_error);
  o = with_sigma(1);
  o.strength = 1.5;
  BOOST_CHECK_THROW(ir::make_denoise(std::make_shared<plane_mean>(), o), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
