// What the stages of ir-convolve and ir-deconvolve make of a stream: the PSF used up, channels and
// batch axes one by one, slabs equal to the whole, and refusals that name both shapes.
#include "stage/convolve.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "io/input.hpp"
#include "stage/chain.hpp"
#include "stage/deconvolve.hpp"
#include "stage/pass.hpp"
#include "support/pictures.hpp"
#include "support/setup.hpp"

namespace {

using ir::index_t;
using ir::shape;
using ir::test::axes_of;
using ir::test::pictures;
using values = std::vector<double>;

struct stack {
  shape n;
  std::string names;
  std::vector<values> frames;
  ir::dtype type = ir::dtype::f32;
  std::optional<shape> psf = shape{3, 3};
  values psf_values = {1, 2, 1, 2, 4, 2, 1, 2, 1};
};

std::unique_ptr<pictures> source_of(const stack& s) {
  auto p = std::make_unique<pictures>();
  if (s.psf) {
    p->head.arrays.push_back({"psf",
                              ir::role::psf,
                              ir::dtype::f32,
                              axes_of(*s.psf, std::string("zyx").substr(3 - s.psf->rank())),
                              {},
                              1});
    p->content.push_back({s.psf_values});
  }
  p->add_data(s.type, s.n, s.names, {ir::dtype::u16, {0, 4095}}, "t", s.frames);
  return p;
}

struct result {
  ir::stage_plan plan;
  std::vector<values> frames;
};

result run(ir::test::setup& s, const ir::stage& body, const stack& in, index_t memory = 0) {
  auto from = source_of(in);
  ir::resources r;
  r.where = s.q.where();
  r.type = s.type;
  r.host_bytes = memory;
  result out;
  out.plan = body.plan({&from->head, 1}, r);
  out.plan.given = r;
  ir::sources inputs;
  inputs.push_back(std::move(from));
  const auto source = body.open(std::move(inputs), out.plan);
  ir::frame f;
  while (source->next(f, s.q)) {
    const ir::cref got = std::as_const(f.data).get();
    values v(static_cast<std::size_t>(got.extents.count()));
    ir::copy(s.q, got, ir::ref(v.data(), ir::dtype::f64, got.extents));
    s.q.synchronize();
    BOOST_TEST(f.array_no == 0);
    if (f.begin == 0) out.frames.emplace_back();
    BOOST_TEST(f.number == static_cast<index_t>(out.frames.size()) - 1);
    out.frames.back().insert(out.frames.back().end(), v.begin(), v.end());
  }
  return out;
}

values ramp(index_t n, int seed = 1) {
  values v;
  for (index_t i = 0; i < n; ++i) v.push_back(static_cast<double>((i * i * 7 + i * seed) % 251));
  return v;
}
double largest_difference(const values& a, const values& b) {
  BOOST_REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}
values part(const values& v, std::size_t begin, std::size_t count) {
  return {v.begin() + static_cast<std::ptrdiff_t>(begin),
          v.begin() + static_cast<std::ptrdiff_t>(begin + count)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(convolve_stage)

BOOST_AUTO_TEST_CASE(the_psf_is_used_up_and_nominal_is_kept) {
  for (ir::test::setup& s : ir::test::setups()) {
    const stack in{{6, 8}, "yx", {values(48, 3.0), values(48, 5.0)}, ir::dtype::u16};

    const result r = run(s, *ir::make_convolve({}), in);

    BOOST_TEST(r.plan.out.arrays.size() == 1);
    BOOST_TEST((ir::data_of(r.plan.out).type == ir::real_type(s.type)));
    BOOST_TEST(ir::data_of(r.plan.out).nominal.has_value());
    BOOST_REQUIRE(r.frames.size() == 2);
    BOOST_TEST(largest_difference(r.frames[0], values(48, 3.0)) <= 1e-5);
    BOOST_TEST(largest_difference(r.frames[1], values(48, 5.0)) <= 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(channels_and_batch_axes_are_worked_on_one_by_one) {
  for (ir::test::setup& s : ir::test::setups()) {
    const values v = ramp(2 * 3 * 5 * 6);
    const result all = run(s, *ir::make_convolve({}), {{2, 3, 5, 6}, "czyx", {v}});

    for (std::size_t i = 0; i < 6; ++i) {
      const result one = run(s, *ir::make_convolve({}), {{5, 6}, "yx", {part(v, 30 * i, 30)}});
      BOOST_TEST((part(all.frames[0], 30 * i, 30) == one.frames[0]));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_gaussian_needs_no_psf_in_the_stream) {
  for (ir::test::setup& s : ir::test::setups()) {
    values point(15 * 15, 0.0);
    point[7 * 15 + 7] = 1;
    stack in{{15, 15}, "yx", {point}};
    in.psf.reset();
    ir::convolve_options o;
    o.gaussian = {1};

    const result r = run(s, *ir::make_convolve(o), in);

    const double centre = std::erf(0.5 / std::sqrt(2.0));
    BOOST_TEST(r.frames[0][7 * 15 + 7] == centre * centre, boost::test_tools::tolerance(2e-4));
    BOOST_TEST(r.frames[0][7 * 15 + 6] == r.frames[0][8 * 15 + 7],
               boost::test_tools::tolerance(1e-4));
  }
}

BOOST_AUTO_TEST_CASE(slabs_give_what_the_whole_gives_for_every_boundary) {
  ir::test::setup s("cpu f32", ir::precision::f32, ir::device{});
  const values v = ramp(2 * 40 * 24 * 20);
  for (const ir::boundary rule :
       {ir::boundary::circular, ir::boundary::zero, ir::boundary::reflect, ir::boundary::edge})
    BOOST_TEST_CONTEXT(ir::name_of(rule)) {
      stack in{{2, 40, 24, 20}, "czyx", {v, ramp(2 * 40 * 24 * 20, 5)}};
      in.psf = shape{4, 3, 5};
      in.psf_values = ramp(60, 3);
      ir::convolve_options o;
      o.rule = rule;
      const result whole = run(s, *ir::make_convolve(o), in);

      const result slabs = run(s, *ir::make_convolve(o), in, whole.plan.host_bytes / 2);

      BOOST_TEST((slabs.plan.needs[0].kind == ir::access::random));
      BOOST_TEST(slabs.plan.host_bytes <= whole.plan.host_bytes / 2);
      BOOST_REQUIRE(slabs.frames.size() == 2);
      for (std::size_t k = 0; k < 2; ++k)
        BOOST_TEST(largest_difference(slabs.frames[k], whole.frames[k]) <= 1e-3);
    }
}

BOOST_AUTO_TEST_CASE(too_little_memory_for_a_slab_is_refused_with_what_is_needed) {
  ir::test::setup s("cpu f32", ir::precision::f32, ir::device{});

  BOOST_CHECK_EXCEPTION(run(s, *ir::make_convolve({}), {{64, 64}, "yx", {ramp(64 * 64)}}, 1000),
                        ir::memory_error, [](const ir::memory_error& e) {
                          return std::string(e.what()).find("--memory") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_CASE(a_psf_with_more_axes_than_the_data_names_both_shapes) {
  ir::test::setup s("cpu f32", ir::precision::f32, ir::device{});
  stack in{{6, 8}, "yx", {ramp(48)}};
  in.psf = shape{3, 3, 3};
  in.psf_values = values(27, 1.0);

  BOOST_CHECK_EXCEPTION(
      run(s, *ir::make_convolve({}), in), ir::shape_error, [](const ir::shape_error& e) {
        const std::string text = e.what();
        return text.find("3x3x3") != std::string::npos && text.find("6x8") != std::string::npos &&
               text.find("--rank 3") != std::string::npos;
      });
}

BOOST_AUTO_TEST_CASE(nan_in_the_data_is_counted_and_refused) {
  for (ir::test::setup& s : ir::test::setups()) {
    stack in{{6, 8}, "yx", {ramp(48), ramp(48)}};
    in.frames[1][5] = NAN;
    in.frames[1][9] = INFINITY;
    for (const auto& body : {ir::make_convolve({}).release(), ir::make_deconvolve({}).release()}) {
      const std::unique_ptr<ir::stage> stage(body);
      BOOST_CHECK_EXCEPTION(run(s, *stage, in), ir::data_error, [](const ir::data_error& e) {
        return std::string(e.what()) == "frame 1: 2 of 48 values are NaN or infinite";
      });
    }
  }
}

BOOST_AUTO_TEST_CASE(no_psf_or_two_are_usage_errors) {
  ir::test::setup s("cpu f32", ir::precision::f32, ir::device{});
  stack in{{6, 8}, "yx", {ramp(48)}};
  ir::convolve_options two;
  two.gaussian = {1};
  BOOST_CHECK_THROW(run(s, *ir::make_convolve(two), in), ir::usage_error);
  in.psf.reset();
  BOOST_CHECK_THROW(run(s, *ir::make_convolve({}), in), ir::usage_error);
  BOOST_CHECK_THROW(run(s, *ir::make_deconvolve({}), in), ir::usage_error);
  BOOST_CHECK_THROW(ir::make_convolve({.gaussian = {-1}}), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(deconvolve_stage)

BOOST_AUTO_TEST_CASE(a_blurred_stack_comes_back_sharper_by_both_methods) {
  for (ir::test::setup& s : ir::test::setups())
    for (const auto how :
         {ir::deconvolve_options::method::rl, ir::deconvolve_options::method::wiener}) {
      values sharp(20 * 24, 10.0);
      sharp[9 * 24 + 11] = sharp[4 * 24 + 17] = 200;
      const result blurred = run(s, *ir::make_convolve({}), {{20, 24}, "yx", {sharp, sharp}});
      ir::deconvolve_options o;
      o.how = how;
      o.balance = 1e-4;

      const result r = run(s, *ir::make_deconvolve(o), {{20, 24}, "yx", blurred.frames});

      BOOST_REQUIRE(r.frames.size() == 2);
      BOOST_TEST((r.frames[0] == r.frames[1]));
      BOOST_TEST(largest_difference(r.frames[0], sharp) <
                 0.6 * largest_difference(blurred.frames[0], sharp));
    }
}

BOOST_AUTO_TEST_CASE(a_chain_in_one_process_gives_the_same_bits) {
  for (ir::test::setup& s : ir::test::setups()) {
    const stack in{{20, 24}, "yx", {ramp(480), ramp(480, 3)}, ir::dtype::u16};
    std::vector<std::unique_ptr<ir::stage>> stages;
    stages.push_back(ir::make_pass());
    stages.push_back(ir::make_deconvolve({}));
    stages.push_back(ir::make_pass());

    const result chained = run(s, *ir::chain(std::move(stages)), in);

    BOOST_TEST((chained.frames == run(s, *ir::make_deconvolve({}), in).frames));
  }
}

BOOST_AUTO_TEST_CASE(a_psf_that_makes_the_estimate_diverge_is_a_numeric_error) {
  ir::test::setup s("cpu f32", ir::precision::f32, ir::device{});
  stack in{{6, 8}, "yx", {values(48, 1e38)}};
  in.psf_values = {0, 0, 0, 0, 1e-3, 0, 0, 0, 0};
  ir::deconvolve_options o;
  o.sum = ir::psf_sum::keep;

  BOOST_CHECK_THROW(run(s, *ir::make_deconvolve(o), in), ir::numeric_error);
}

BOOST_AUTO_TEST_CASE(no_iterations_give_the_start_back) {
  for (ir::test::setup& s : ir::test::setups()) {
    ir::deconvolve_options o;
    o.iterations = 0;
    o.start = "flat";

    const result r = run(s, *ir::make_deconvolve(o), {{4, 4}, "yx", {values(16, 7.0)}});

    BOOST_TEST(largest_difference(r.frames[0], values(16, 7.0)) <= 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_the_memory_is_refused_with_the_numbers) {
  ir::test::setup s("cpu f32", ir::precision::f32, ir::device{});

  BOOST_CHECK_EXCEPTION(
      run(s, *ir::make_deconvolve({}), {{64, 64}, "yx", {ramp(64 * 64)}}, 1 << 16),
      ir::memory_error, [](const ir::memory_error& e) {
        const std::string text = e.what();
        return text.find("64x64") != std::string::npos &&
               text.find("64.0 KiB are available") != std::string::npos &&
               text.find("--memory") != std::string::npos;
      });
}

BOOST_AUTO_TEST_CASE(the_plan_counts_every_iteration) {
  ir::test::setup s("cpu f32", ir::precision::f32, ir::device{});
  ir::deconvolve_options ten, twenty;
  ten.iterations = 10;
  const stack in{{64, 64}, "yx", {ramp(64 * 64)}};

  BOOST_TEST(2 * run(s, *ir::make_deconvolve(ten), in).plan.seconds ==
                 run(s, *ir::make_deconvolve(twenty), in).plan.seconds,
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_SUITE_END()
