#include "solver/tv_pointwise.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.hpp"
#include "fn/box.hpp"
#include "fn/combine.hpp"
#include "fn/half_square.hpp"
#include "fn/l1.hpp"
#include "fn/l21.hpp"
#include "op/algebra.hpp"
#include "op/diagonal.hpp"
#include "op/difference.hpp"
#include "solver/primal_dual.hpp"
#include "solver/problem.hpp"
#include "support/solver_laws.hpp"

namespace {

using ir::term;
using ir::test::setup;
using ir::test::values;
using ir::test::vec_of;

struct inpainting {
  ir::space domain;
  std::vector<term> data;
  term variation;
  ir::fn_ptr bounds{};

  ir::problem problem(setup& s) const {
    return {domain, s.type, s.q.where(), data, {variation}, bounds};
  }
};

bool known(std::size_t k) { return k * 7919 % 13 < 6; }

std::vector<double> picture(setup& s, const ir::space& in) {
  auto v = values(s, ir::test::random_vec(s, in, 5));
  const ir::shape& n = in.extents();
  const auto nx = static_cast<std::size_t>(n[n.rank() - 1]);
  for (std::size_t k = 0; k < v.size(); ++k)
    v[k] = 0.05 * v[k] + 0.02 * static_cast<double>(k % nx) +
           (k % nx > nx / 3 && k / nx % 9 > 3 ? 1 : 0);
  return v;
}

term tv_of(const ir::space& in, double lambda, double spacing = 1) {
  const auto G = std::make_shared<ir::gradient>(in, ir::difference_options{.spacing = {spacing}});
  return {lambda, std::make_shared<ir::l21>(G->range()), G};
}

/// A datum at 6 of 13 elements, behind a mask or by weights from 0 to 2.
inpainting make_inpainting(setup& s, const ir::shape& n, int spatial, double lambda, bool mask) {
  const ir::space in(n, ir::field::real, spatial);
  const auto y = picture(s, in);
  std::vector<double> w(y.size());
  for (std::size_t k = 0; k < w.size(); ++k)
    w[k] = !known(k) ? 0 : mask ? 1 : 0.2 + static_cast<double>(k % 5);
  const ir::owned_vec data = vec_of(s, in, y), weights = vec_of(s, in, w);
  if (mask)
    return {in,
            {{2, std::make_shared<ir::half_square>(s.q, in, ir::half_square::data{.centre = data}),
              std::make_shared<ir::diagonal>(
                  s.q, in, ir::loaded_array{"mask", n, ir::field::real, w}, s.type, "mask")}},
            tv_of(in, lambda)};
  return {in,
          {{1, std::make_shared<ir::half_square>(
                   s.q, in, ir::half_square::data{.centre = data, .diagonal = weights})}},
          tv_of(in, lambda)};
}

std::unique_ptr<ir::tv_pointwise> engine_of(setup& s, const inpainting& p) {
  return ir::tv_pointwise::make(s.q, p.data, p.variation, p.bounds, s.type);
}

double generic_minimum(setup& s, const inpainting& p, ir::index_t iterations) {
  std::vector<term> all = p.data;
  all.push_back(p.variation);
  ir::primal_dual generic(s.q, p.domain, s.type, {{}, p.bounds, all});
  ir::run(s.q, generic, {.iterations = iterations});
  return ir::objective_of(s.q, p.problem(s), generic.solution());
}

void check_minimum(setup& s, const inpainting& p) {
  const auto engine = engine_of(s, p);

  ir::run(s.q, *engine, {.iterations = 2000});

  const double mine = ir::objective_of(s.q, p.problem(s), engine->solution());
  const double theirs = generic_minimum(s, p, 6000);
  BOOST_TEST(mine <= theirs * (1 + 1e-5));
  BOOST_TEST(mine >= theirs * (1 - 1e-3));
  ir::iteration now;
  engine->evaluate(s.q, now);
  BOOST_TEST(std::abs(*now.objective - mine) <= 1e-6 * mine);
}

bool on_cpu(const setup& s) { return s.q.where().kind == ir::device::cpu; }

}  // namespace

BOOST_AUTO_TEST_SUITE(tv_pointwise_data)

BOOST_AUTO_TEST_CASE(masks_and_weights_reach_the_minimum_of_the_generic_algorithm) {
  struct image {
    ir::shape n;
    int spatial;
  };
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;  // refused there, see below
    for (const auto& [n, spatial] :
         {image{{24, 32}, 2}, image{{3, 11, 14}, 2}, image{{2, 37, 17}, 2}, image{{40}, 1},
          image{{3, 25}, 1}, image{{5, 6, 7}, 3}, image{{2, 3, 4, 5}, 3}, image{{1, 9}, 2},
          image{{9, 1}, 2}})
      for (const bool mask : {true, false})
        BOOST_TEST_CONTEXT(s.name << ' ' << n << (mask ? " mask" : " weights"))
    check_minimum(s, make_inpainting(s, n, spatial, 0.1, mask));
  }
}

// Rows longer than a piece of the loops, planes over several bands.
BOOST_AUTO_TEST_CASE(long_rows_and_many_bands_too) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s) || s.type == ir::precision::f32) continue;
    check_minimum(s, make_inpainting(s, {33, 1050}, 2, 0.1, true));
  }
}

// One pixel is its datum, or between the bounds; two pixels come nearer to each other by lambda
// each.
BOOST_AUTO_TEST_CASE(one_and_two_pixels_are_what_they_are_by_hand) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    const auto solved = [&](const ir::shape& n, const std::vector<double>& y, ir::fn_ptr bounds) {
      const ir::space in(n);
      const ir::owned_vec data = vec_of(s, in, y);
      const inpainting p{
          in,
          {{1, std::make_shared<ir::half_square>(s.q, in, ir::half_square::data{.centre = data})}},
          tv_of(in, 0.25),
          bounds};
      const auto engine = engine_of(s, p);
      ir::run(s.q, *engine, {.iterations = 300});
      return values(s, engine->solution());
    };

    const auto one = solved({1, 1}, {3}, nullptr);
    const auto capped = solved({1, 1}, {3}, std::make_shared<ir::box>(ir::space({1, 1}), 0, 2));
    const auto two = solved({2, 1}, {0, 1}, nullptr);

    BOOST_TEST(std::abs(one[0] - 3) < 1e-5);
    BOOST_TEST(capped[0] == 2);
    BOOST_TEST(std::abs(two[0] - 0.25) < 1e-5);
    BOOST_TEST(std::abs(two[1] - 0.75) < 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(bounds_are_kept_and_the_minimum_within_them_is_found) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    for (const ir::shape& n : {ir::shape{20, 23}, ir::shape{3, 12, 15}}) {
      auto p = make_inpainting(s, n, 2, 0.1, true);
      p.bounds = std::make_shared<ir::box>(p.domain, 0.2, 0.9);

      check_minimum(s, p);

      const auto engine = engine_of(s, p);
      ir::run(s.q, *engine, {.iterations = 7});
      const auto x = values(s, engine->solution());
      const double low = s.type == ir::precision::f32 ? double(0.2F) : 0.2;
      const double high = s.type == ir::precision::f32 ? double(0.9F) : 0.9;
      BOOST_TEST((*std::ranges::min_element(x) >= low && *std::ranges::max_element(x) <= high));
    }
  }
}

BOOST_AUTO_TEST_CASE(samples_several_terms_and_a_spacing_are_one_problem) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    auto p = make_inpainting(s, {14, 17}, 2, 0.05, false);
    const ir::loaded_array index{"index", {4}, ir::field::real, {3, 100, 100, 237}};
    const auto pick = std::make_shared<ir::subsample>(s.q, p.domain, index, s.type);
    const ir::owned_vec seen = vec_of(s, pick->range(), {0.5, 1, 2, 3});
    p.data.push_back({3,
                      std::make_shared<ir::half_square>(s.q, pick->range(),
                                                        ir::half_square::data{.centre = seen}),
                      pick});
    p.variation = tv_of(p.domain, 0.1, 2);
    check_minimum(s, p);
  }
}

BOOST_AUTO_TEST_CASE(few_iterations_come_within_a_thousandth) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    const auto p = make_inpainting(s, {64, 64}, 2, 0.1, true);
    const auto exact = engine_of(s, p), quick = engine_of(s, p);

    ir::run(s.q, *exact, {.iterations = 3000});
    ir::run(s.q, *quick, {.iterations = 150});

    BOOST_TEST(ir::objective_of(s.q, p.problem(s), quick->solution()) <=
               ir::objective_of(s.q, p.problem(s), exact->solution()) * (1 + 1e-3));
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_goes_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    const auto p = make_inpainting(s, {2, 85, 233}, 2, 0.05, true);
    ir::test::check_resume(s, [&] { return engine_of(s, p); });
  }
}

BOOST_AUTO_TEST_CASE(it_is_chosen_where_it_fits_and_refused_elsewhere) {
  for (setup& s : ir::test::setups()) {
    const auto p = make_inpainting(s, {12, 14}, 2, 0.01, true);
    auto bounded = p, blurred = p, absolute = p, circular = p;
    bounded.bounds = std::make_shared<ir::box>(p.domain, 0, 1);
    blurred.data[0].A = std::make_shared<ir::laplacian>(p.domain);
    absolute.data[0].f = std::make_shared<ir::l1>(p.domain);
    circular.variation.A = std::make_shared<ir::gradient>(
        p.domain, ir::difference_options{.rule = ir::boundary::circular});
    const auto chosen = [&](const inpainting& d) {
      return ir::choose(d.problem(s)).method == ir::algorithm::tv_pointwise;
    };

    BOOST_TEST(chosen(p) == on_cpu(s));
    BOOST_TEST(chosen(bounded) == on_cpu(s));
    BOOST_TEST(!chosen(blurred));
    BOOST_TEST(!chosen(absolute));
    BOOST_TEST(!chosen(circular));
    BOOST_CHECK_THROW(engine_of(s, blurred), ir::usage_error);
    BOOST_CHECK_THROW(ir::choose(blurred.problem(s), ir::algorithm::tv_pointwise), ir::usage_error);
    BOOST_CHECK_THROW(
        ir::tv_pointwise::make(s.q, p.data, p.variation, nullptr, s.type, {.relaxation = 2}),
        ir::usage_error);
    if (!on_cpu(s)) BOOST_CHECK_THROW(engine_of(s, p), ir::usage_error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
