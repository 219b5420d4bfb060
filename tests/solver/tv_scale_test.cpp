#include "solver/tv_scale.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "fn/box.hpp"
#include "fn/half_square.hpp"
#include "fn/l21.hpp"
#include "op/algebra.hpp"
#include "op/convolution.hpp"
#include "op/diagonal.hpp"
#include "op/difference.hpp"
#include "solver/tv_deconvolution.hpp"
#include "solver/tv_pointwise.hpp"
#include "support/solver_laws.hpp"

// The TV engines where data are far from 1.
namespace {

using ir::detail::tv_problem;
using ir::test::setup;
using ir::test::values;
using ir::test::vec_of;

enum class kind { circular, bounded, edge, masked, points };
constexpr kind kinds[] = {kind::circular, kind::bounded, kind::edge, kind::masked, kind::points};
const ir::space image({13, 18});

bool hidden(std::size_t k) { return k % 5 == 3; }

/// The same problem in the unit 1 / c; a datum that a mask hides is `behind`.
tv_problem make_problem(setup& s, kind what, double c, double behind = 0) {
  const double h[] = {0.1, 0.4, 0.2, 0.2, 0.1, 0};
  const ir::op_ptr blur = std::make_shared<ir::convolution_operator>(
      s.q, image, ir::cref(h, ir::dtype::f64, ir::shape{2, 3}),
      what == kind::edge ? ir::boundary::edge : ir::boundary::circular, ir::psf_sum::one, s.type);
  std::vector<double> y = values(s, ir::test::random_vec(s, image, 5)), m(y.size(), 1);
  const bool masks = what == kind::masked || what == kind::points;
  for (std::size_t k = 0; k < y.size(); ++k) {
    y[k] = c * (0.2 * y[k] + (k % 18 > 7 ? 1 : 0));
    if (masks && hidden(k)) m[k] = 0, y[k] = behind;
  }
  const auto M = std::make_shared<ir::diagonal>(
      s.q, image, ir::loaded_array{"mask", image.extents(), ir::field::real, m}, s.type, "mask");
  const ir::owned_vec data = vec_of(s, image, y);
  const auto G = std::make_shared<ir::gradient>(image);
  return {{{2, std::make_shared<ir::half_square>(s.q, image, ir::half_square::data{.centre = data}),
            what == kind::points   ? M
            : what == kind::masked ? compose(M, blur)
                                   : blur}},
          {0.05 * c, std::make_shared<ir::l21>(G->range()), G},
          what == kind::bounded ? std::make_shared<ir::box>(image, 0.1 * c, 0.9 * c) : nullptr};
}

std::unique_ptr<ir::solver> engine_of(setup& s, kind what, const tv_problem& p,
                                      std::optional<ir::cvec> start = {}) {
  if (what == kind::points)
    return ir::tv_pointwise::make(s.q, p.data, p.variation, p.constraint, s.type, {.start = start});
  return ir::tv_deconvolution::make(s.q, p.data, p.variation, s.type,
                                    {.start = start, .constraint = p.constraint});
}

double far_up(const setup& s) { return std::ldexp(1, s.type == ir::precision::f32 ? 100 : 600); }

std::vector<double> times(std::vector<double> v, double c) {
  for (double& one : v) one *= c;
  return v;
}

bool on_cpu(const setup& s) { return s.q.where().kind == ir::device::cpu; }

}  // namespace

BOOST_AUTO_TEST_SUITE(tv_scales)

BOOST_AUTO_TEST_CASE(data_of_any_size_have_the_same_minimum_in_their_unit) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    for (const kind what : kinds)
      for (const double c : {far_up(s), 1 / far_up(s)})
        BOOST_TEST_CONTEXT(s.name << ' ' << int(what) << ' ' << c) {
          const auto usual = engine_of(s, what, make_problem(s, what, 1));
          const auto far = engine_of(s, what, make_problem(s, what, c));

          const auto one = ir::run(s.q, *usual, {.iterations = 12});
          const auto other = ir::run(s.q, *far, {.iterations = 12});

          BOOST_TEST(values(s, far->solution()) == times(values(s, usual->solution()), c),
                     boost::test_tools::per_element());
          BOOST_TEST(*other.last.change == *one.last.change);
          ir::iteration mine, theirs;
          far->evaluate(s.q, mine);
          usual->evaluate(s.q, theirs);
          if (s.type == ir::precision::f32)
            BOOST_TEST(*mine.objective / c / c == *theirs.objective,
                       boost::test_tools::tolerance(1e-12));
        }
  }
}

BOOST_AUTO_TEST_CASE(a_start_is_in_the_unit_of_the_data) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    for (const kind what : kinds) {
      const double c = far_up(s);
      const std::vector<double> x = values(s, ir::test::random_vec(s, image, 7));
      const ir::owned_vec start = vec_of(s, image, x), scaled = vec_of(s, image, times(x, c));
      const auto usual = engine_of(s, what, make_problem(s, what, 1), start);
      const auto far = engine_of(s, what, make_problem(s, what, c), scaled);

      ir::run(s.q, *usual, {.iterations = 1});
      ir::run(s.q, *far, {.iterations = 1});

      BOOST_TEST(values(s, far->solution()) == times(values(s, usual->solution()), c),
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_mask_hides_sets_no_unit) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    for (const kind what : {kind::masked, kind::points}) {
      const auto p = make_problem(s, what, 1, far_up(s)), clean = make_problem(s, what, 1);
      const auto one = engine_of(s, what, p), other = engine_of(s, what, clean);

      ir::run(s.q, *one, {.iterations = 5});
      ir::run(s.q, *other, {.iterations = 5});

      BOOST_TEST(ir::detail::tv_unit_of(s.q, p.data, s.type) == 1);
      BOOST_TEST(values(s, one->solution()) == values(s, other->solution()),
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_unit_is_a_power_of_two_only_where_it_must) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    const auto unit = [&](double c) {
      const ir::owned_vec y = vec_of(s, image, std::vector<double>(13 * 18, c));
      return ir::detail::tv_unit_of(
          s.q,
          {{1, std::make_shared<ir::half_square>(s.q, image, ir::half_square::data{.centre = y})}},
          s.type);
    };

    for (const double c : {0.0, 1e-9, 1.0, -1e9, HUGE_VAL, double(NAN)}) BOOST_TEST(unit(c) == 1);
    BOOST_TEST(unit(-1.5 * far_up(s)) == 1 / far_up(s));
    BOOST_TEST(unit(1.5 / far_up(s)) == far_up(s));
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_goes_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) {
    if (!on_cpu(s)) continue;
    for (const kind what : kinds)
      ir::test::check_resume(
          s, [&] { return engine_of(s, what, make_problem(s, what, 1 / far_up(s))); });
  }
}

BOOST_AUTO_TEST_SUITE_END()
