#include "solver/tv_deconvolution.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.hpp"
#include "fn/combine.hpp"
#include "fn/half_square.hpp"
#include "fn/l21.hpp"
#include "op/convolution.hpp"
#include "op/difference.hpp"
#include "solver/primal_dual.hpp"
#include "support/solver_laws.hpp"

namespace {

using ir::term;
using ir::test::setup;
using ir::test::values;

struct deblurring {
  ir::space domain;
  term data, variation;
};

/// Blurred squares on a ramp, with noise.
deblurring make_deblurring(setup& s, const ir::shape& n, double weight, double lambda,
                           ir::boundary rule = ir::boundary::circular) {
  const ir::space in(n, ir::field::real, 2);
  std::vector<double> h;
  for (int j = -2; j <= 2; ++j)
    for (int i = -3; i <= 3; ++i) h.push_back(std::exp(-(j * j + i * i) / 3.0) * (i == 3 ? 2 : 1));
  const auto A = std::make_shared<ir::convolution_operator>(
      s.q, n, ir::cref(h.data(), ir::dtype::f64, ir::shape{5, 7}), rule, ir::psf_sum::one, s.type);
  auto truth = values(s, ir::test::random_vec(s, in, 5));
  const auto ny = n[n.rank() - 2], nx = n[n.rank() - 1];
  for (std::size_t k = 0; k < truth.size(); ++k) {
    const auto i = static_cast<ir::index_t>(k) % nx, j = static_cast<ir::index_t>(k) / nx % ny;
    truth[k] = 0.01 * truth[k] + 0.002 * static_cast<double>(i) +
               (i > nx / 4 && i < nx / 2 && j > ny / 3 ? 1 : 0);
  }
  ir::owned_vec y(s.q, in, s.type);
  A->apply(s.q, ir::test::vec_of(s, in, truth), y);
  const auto G = std::make_shared<ir::gradient>(in);
  return {in,
          {weight, ir::shifted(s.q, std::make_shared<ir::half_square>(in), y), A},
          {lambda, std::make_shared<ir::l21>(G->range()), G}};
}

double objective(setup& s, const deblurring& p, ir::cvec x) {
  ir::owned_vec Ax(s.q, p.domain, s.type), Dx(s.q, p.variation.A->range(), s.type);
  p.data.A->apply(s.q, x, Ax);
  p.variation.A->apply(s.q, x, Dx);
  return p.data.weight * p.data.f->value(s.q, Ax) +
         p.variation.weight * p.variation.f->value(s.q, Dx);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tv_deconvolutions)

BOOST_AUTO_TEST_CASE(the_engine_reaches_the_minimum_of_the_generic_algorithm) {
  for (setup& s : ir::test::setups()) {
    if (s.q.where().kind == ir::device::cuda) continue;  // refused there, see below
    for (const ir::shape& n : {ir::shape{24, 32}, ir::shape{21, 19}, ir::shape{3, 11, 14},
                               ir::shape{2, 37, 17}, ir::shape{40, 9}, ir::shape{2, 2}})
      BOOST_TEST_CONTEXT(s.name << ' ' << n) {
        const auto p = make_deblurring(s, n, 2, 0.02);
        const auto engine = ir::tv_deconvolution::make(s.q, {p.data}, p.variation, s.type);
        ir::primal_dual generic(s.q, p.domain, s.type, {{}, nullptr, {p.data, p.variation}});

        ir::run(s.q, *engine, {.iterations = 1500});
        ir::run(s.q, generic, {.iterations = 6000});

        const double mine = objective(s, p, engine->solution());
        const double theirs = objective(s, p, generic.solution());
        BOOST_TEST(mine <= theirs * (1 + 1e-5));
        BOOST_TEST(mine >= theirs * (1 - 1e-3));
        ir::iteration now;
        engine->evaluate(s.q, now);
        BOOST_TEST(std::abs(*now.objective - mine) <= 1e-6 * mine);
      }
  }
}

BOOST_AUTO_TEST_CASE(few_iterations_come_within_a_thousandth) {
  for (setup& s : ir::test::setups()) {
    if (s.q.where().kind == ir::device::cuda) continue;
    const auto p = make_deblurring(s, {64, 64}, 1, 0.005);
    const auto exact = ir::tv_deconvolution::make(s.q, {p.data}, p.variation, s.type);
    const auto quick = ir::tv_deconvolution::make(s.q, {p.data}, p.variation, s.type);

    ir::run(s.q, *exact, {.iterations = 2000});
    ir::run(s.q, *quick, {.iterations = 60});

    BOOST_TEST(objective(s, p, quick->solution()) <=
               objective(s, p, exact->solution()) * (1 + 1e-3));
  }
}

BOOST_AUTO_TEST_CASE(blurred_views_are_fused_with_their_weights) {
  for (setup& s : ir::test::setups()) {
    if (s.q.where().kind == ir::device::cuda) continue;
    const ir::shape n{3, 20, 26};
    const auto first = make_deblurring(s, n, 3, 0.05);
    auto second = make_deblurring(s, n, 0.5, 0.05);
    const double h[] = {0.25, 0.5, 0.25};
    second.data.A = std::make_shared<ir::convolution_operator>(
        s.q, n, ir::cref(h, ir::dtype::f64, ir::shape{3, 1}), ir::boundary::circular,
        ir::psf_sum::one, s.type);
    const auto engine =
        ir::tv_deconvolution::make(s.q, {first.data, second.data}, first.variation, s.type);
    ir::primal_dual generic(s.q, first.domain, s.type,
                            {{}, nullptr, {first.data, second.data, first.variation}});

    ir::run(s.q, *engine, {.iterations = 1500});
    ir::run(s.q, generic, {.iterations = 6000});

    ir::iteration mine, theirs;
    engine->evaluate(s.q, mine);
    generic.evaluate(s.q, theirs);
    BOOST_TEST(*mine.objective <= *theirs.objective * (1 + 1e-5));
    BOOST_TEST(*mine.objective >= *theirs.objective * (1 - 1e-3));
  }
}

BOOST_AUTO_TEST_CASE(a_spacing_scales_the_weight) {
  for (setup& s : ir::test::setups()) {
    if (s.q.where().kind == ir::device::cuda) continue;
    const auto p = make_deblurring(s, {18, 23}, 1, 0.02);
    auto spaced = p;
    spaced.variation.weight = 0.04;
    spaced.variation.A =
        std::make_shared<ir::gradient>(p.domain, ir::difference_options{.spacing = {2.0}});
    const auto one = ir::tv_deconvolution::make(s.q, {p.data}, p.variation, s.type);
    const auto other = ir::tv_deconvolution::make(s.q, {p.data}, spaced.variation, s.type);

    ir::run(s.q, *one, {.iterations = 20});
    ir::run(s.q, *other, {.iterations = 20});

    BOOST_TEST(values(s, other->solution()) == values(s, one->solution()),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_goes_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) {
    if (s.q.where().kind == ir::device::cuda) continue;
    const auto p = make_deblurring(s, {2, 45, 33}, 1, 0.01);
    ir::test::check_resume(
        s, [&] { return ir::tv_deconvolution::make(s.q, {p.data}, p.variation, s.type); });
  }
}

BOOST_AUTO_TEST_CASE(what_the_engine_cannot_do_is_refused) {
  for (setup& s : ir::test::setups()) {
    const auto p = make_deblurring(s, {12, 14}, 1, 0.01);
    auto other = p;
    other.data.A = std::make_shared<ir::laplacian>(p.domain);
    auto spaced = p;
    spaced.variation.A =
        std::make_shared<ir::gradient>(p.domain, ir::difference_options{.spacing = {2.0, 1.0}});
    auto circular = p;
    circular.variation.A = std::make_shared<ir::gradient>(
        p.domain, ir::difference_options{.rule = ir::boundary::circular});
    const auto fits = [](const deblurring& d) {
      return ir::tv_deconvolution::fits({d.data}, d.variation);
    };

    BOOST_TEST(fits(p));
    BOOST_TEST(!fits(other));
    BOOST_TEST(!fits(spaced));
    BOOST_TEST(!fits(circular));
    BOOST_CHECK_THROW(ir::tv_deconvolution::make(s.q, {other.data}, other.variation, s.type),
                      ir::usage_error);
    BOOST_CHECK_THROW(
        ir::tv_deconvolution::make(s.q, {p.data}, p.variation, s.type, {.relaxation = 2}),
        ir::usage_error);
    if (s.q.where().kind == ir::device::cuda)
      BOOST_CHECK_THROW(ir::tv_deconvolution::make(s.q, {p.data}, p.variation, s.type),
                        ir::usage_error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
