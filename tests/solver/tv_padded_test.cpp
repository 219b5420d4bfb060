#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "fn/box.hpp"
#include "fn/half_square.hpp"
#include "fn/l21.hpp"
#include "op/algebra.hpp"
#include "op/convolution.hpp"
#include "op/diagonal.hpp"
#include "op/difference.hpp"
#include "op/separable.hpp"
#include "solver/primal_dual.hpp"
#include "solver/problem.hpp"
#include "solver/tv_deconvolution.hpp"
#include "support/solver_laws.hpp"

// TV deconvolution where the blur is not circular, data are missing or x has bounds.
namespace {

using ir::boundary;
using ir::term;
using ir::test::setup;
using ir::test::values;
using ir::test::vec_of;

struct deblurring {
  ir::space domain;
  std::vector<term> data;
  term variation;
  ir::fn_ptr bounds{};

  ir::problem problem(setup& s) const {
    return {domain, s.type, s.q.where(), data, {variation}, bounds};
  }
};

/// A PSF that is neither symmetric nor of odd extents.
std::vector<double> psf(int ny, int nx) {
  std::vector<double> h;
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i) h.push_back(std::exp(-(j - 1.5) * (j - 1.5) / 3 - i / 2.0));
  return h;
}

ir::op_ptr blur(setup& s, const ir::space& in, boundary rule, int ny = 4, int nx = 5) {
  const auto h = psf(ny, nx);
  return std::make_shared<ir::convolution_operator>(
      s.q, in, ir::cref(h.data(), ir::dtype::f64, ir::shape{ny, nx}, ir::device{}), rule,
      ir::psf_sum::one, s.type);
}

std::vector<double> picture(setup& s, const ir::space& in) {
  auto v = values(s, ir::test::random_vec(s, in, 5));
  const ir::shape& n = in.extents();
  const auto ny = n[n.rank() - 2], nx = n[n.rank() - 1];
  for (std::size_t k = 0; k < v.size(); ++k) {
    const auto i = static_cast<ir::index_t>(k) % nx, j = static_cast<ir::index_t>(k) / nx % ny;
    v[k] = 0.3 + 0.01 * v[k] + 0.002 * static_cast<double>(i) +
           (i > nx / 4 && i < nx / 2 && j > ny / 3 ? 1 : 0);
  }
  return v;
}

term data_of(setup& s, const ir::op_ptr& A, const ir::space& in, double weight) {
  ir::owned_vec y(s.q, A->range(), s.type);
  A->apply(s.q, vec_of(s, in, picture(s, in)), y);
  return {weight,
          std::make_shared<ir::half_square>(s.q, A->range(), ir::half_square::data{.centre = y}),
          A};
}

term tv_of(const ir::space& in, double lambda) {
  const auto G = std::make_shared<ir::gradient>(in);
  return {lambda, std::make_shared<ir::l21>(G->range()), G};
}

deblurring make_deblurring(setup& s, const ir::shape& n, boundary rule) {
  const ir::space in(n, ir::field::real, 2);
  return {in, {data_of(s, blur(s, in, rule), in, 2)}, tv_of(in, 0.02)};
}

std::unique_ptr<ir::tv_deconvolution> engine_of(setup& s, const deblurring& p) {
  return ir::tv_deconvolution::make(s.q, p.data, p.variation, s.type, {.constraint = p.bounds});
}

void check_minimum(setup& s, const deblurring& p, ir::index_t iterations = 3000) {
  const auto engine = engine_of(s, p);
  std::vector<term> all = p.data;
  all.push_back(p.variation);
  ir::primal_dual generic(s.q, p.domain, s.type, {{}, p.bounds, all});

  ir::run(s.q, *engine, {.iterations = iterations});
  ir::run(s.q, generic, {.iterations = 6000});

  const double mine = ir::objective_of(s.q, p.problem(s), engine->solution());
  const double theirs = ir::objective_of(s.q, p.problem(s), generic.solution());
  BOOST_TEST(mine <= theirs * (1 + 2e-5) + 1e-7);
  BOOST_TEST(mine >= theirs * (1 - 1e-3) - 1e-7);
  ir::iteration now;
  engine->evaluate(s.q, now);
  BOOST_TEST(std::abs(*now.objective - mine) <= 1e-6 * mine);
}

bool on_cpu(const setup& s) { return s.q.where().kind == ir::device::cpu; }

}  // namespace

BOOST_AUTO_TEST_SUITE(tv_padded_deconvolutions)

BOOST_AUTO_TEST_CASE(each_boundary_reaches_the_minimum_of_the_generic_algorithm) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    for (const boundary rule : {boundary::zero, boundary::edge, boundary::reflect})
      for (const ir::shape& n :
           {ir::shape{24, 32}, ir::shape{3, 11, 14}, ir::shape{2, 37, 17}, ir::shape{5, 4}})
        BOOST_TEST_CONTEXT(s.name << ' ' << ir::name_of(rule) << ' ' << n)
    check_minimum(s, make_deblurring(s, n, rule));
  }
}

BOOST_AUTO_TEST_CASE(bounds_are_kept_and_the_minimum_within_them_is_found) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    for (const boundary rule : {boundary::circular, boundary::edge})
      BOOST_TEST_CONTEXT(s.name << ' ' << ir::name_of(rule)) {
        auto p = make_deblurring(s, {2, 18, 21}, rule);
        p.bounds = std::make_shared<ir::box>(p.domain, 0.35, 1.2);

        check_minimum(s, p);

        const auto engine = engine_of(s, p);
        ir::run(s.q, *engine, {.iterations = 3});
        const auto x = values(s, engine->solution());
        const bool f32 = s.type == ir::precision::f32;
        BOOST_TEST(*std::ranges::min_element(x) >= (f32 ? double(0.35F) : 0.35));
        BOOST_TEST(*std::ranges::max_element(x) <= (f32 ? double(1.2F) : 1.2));
      }
  }
}

BOOST_AUTO_TEST_CASE(two_circular_views_within_bounds_are_fused) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    auto p = make_deblurring(s, {17, 22}, boundary::circular);
    p.data.push_back(data_of(s, blur(s, p.domain, boundary::circular, 1, 3), p.domain, 0.5));
    p.bounds = std::make_shared<ir::box>(p.domain, 0.4, 1.1);
    check_minimum(s, p);
  }
}

BOOST_AUTO_TEST_CASE(masks_samples_and_weights_before_a_blur) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    for (const boundary rule : {boundary::circular, boundary::zero, boundary::edge})
      BOOST_TEST_CONTEXT(s.name << ' ' << ir::name_of(rule)) {
        const ir::space in({16, 19});
        std::vector<double> some(16 * 19);
        for (std::size_t k = 0; k < some.size(); ++k) some[k] = k * 7919 % 13 < 8 ? 1 : 0;
        const auto M = std::make_shared<ir::diagonal>(
            s.q, in, ir::loaded_array{"mask", in.extents(), ir::field::real, some}, s.type);
        const auto crop = std::make_shared<ir::separable_operator>(
            s.q, in,
            std::vector<ir::separable_operator::factor>{{0, ir::crop_axis(16, 3, 12)},
                                                        {1, ir::crop_axis(19, 4, 15)}},
            s.type, "crop");
        deblurring masked{in, {data_of(s, compose(M, blur(s, in, rule)), in, 1)}, tv_of(in, 0.02)};
        deblurring valid{
            in, {data_of(s, compose(crop, blur(s, in, rule)), in, 1)}, tv_of(in, 0.02)};
        deblurring weighted = make_deblurring(s, in.extents(), rule);
        for (double& w : some) w = 3 * w + 0.5;
        weighted.data[0].f = std::make_shared<ir::half_square>(
            s.q, in,
            ir::half_square::data{.centre = vec_of(s, in, picture(s, in)),
                                  .diagonal = vec_of(s, in, some)});

        check_minimum(s, masked);
        check_minimum(s, valid);
        check_minimum(s, weighted);
      }
  }
}

BOOST_AUTO_TEST_CASE(few_iterations_come_within_a_thousandth) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    for (const boundary rule : {boundary::zero, boundary::edge, boundary::reflect})
      BOOST_TEST_CONTEXT(s.name << ' ' << ir::name_of(rule)) {
        const auto p = make_deblurring(s, {64, 64}, rule);
        const auto exact = engine_of(s, p), quick = engine_of(s, p);

        ir::run(s.q, *exact, {.iterations = 2000});
        ir::run(s.q, *quick, {.iterations = 120});

        BOOST_TEST(ir::objective_of(s.q, p.problem(s), quick->solution()) <=
                   ir::objective_of(s.q, p.problem(s), exact->solution()) * (1 + 1e-3));
      }
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_goes_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    for (const boundary rule : {boundary::circular, boundary::edge}) {
      auto p = make_deblurring(s, {2, 45, 33}, rule);
      p.bounds = std::make_shared<ir::box>(p.domain, 0.35, 1.2);
      ir::test::check_resume(s, [&] { return engine_of(s, p); });
    }
  }
}

BOOST_AUTO_TEST_CASE(it_is_chosen_with_its_reason_and_two_views_with_borders_are_not_its) {
  for (setup& s : ir::test::setups()) {
    const auto p = make_deblurring(s, {12, 14}, boundary::edge);
    auto two = p;
    two.data.push_back(p.data[0]);
    const ir::choice c = ir::choose(p.problem(s));

    BOOST_TEST((c.method == ir::algorithm::tv_splitting) == on_cpu(s));
    if (on_cpu(s)) BOOST_TEST(c.why.find("split off") != std::string::npos);
    const ir::choice other = ir::choose(two.problem(s));
    BOOST_TEST((other.method != ir::algorithm::tv_splitting));
    BOOST_TEST_INFO(other.why);
    BOOST_TEST(other.why.ends_with(
        on_cpu(s) ? "; not tv-splitting: of several views one is not circular, or has weights"
                  : "; not tv-splitting: it runs on a CPU"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
