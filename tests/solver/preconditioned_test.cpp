#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.hpp"
#include "fn/l21.hpp"
#include "op/algebra.hpp"
#include "op/convolution.hpp"
#include "op/difference.hpp"
#include "op/identity.hpp"
#include "small_problems.hpp"
#include "solver/admm.hpp"
#include "solver/cg.hpp"
#include "solver/normal_equations.hpp"
#include "solver/primal_dual.hpp"
#include "solver/problem.hpp"
#include "support/solver_laws.hpp"
#include "tomo/ray_transform.hpp"

// Linear systems of images whose inverse is nearly known.
namespace {

using ir::algorithm;
using ir::op_ptr;
using ir::space;
using ir::test::setup;

const space image({16, 12});

op_ptr blur_of(setup& s, ir::boundary rule, const space& in = image) {
  const double h[] = {1, 2, 1, 2, 4, 2, 1, 2, 1};
  return std::make_shared<ir::convolution_operator>(s.q, in.extents(),
                                                    ir::cref(h, ir::dtype::f64, ir::shape{3, 3}),
                                                    rule, ir::psf_sum::one, s.type);
}
op_ptr rays_of(setup& s) {
  constexpr ir::index_t n = 24;
  const auto whole =
      ir::whole_slice(ir::even_angles(n - 4, 0, 3.14159265), 2 * n, static_cast<double>(n) - 0.5);
  const auto geometry = ir::region_of(whole, n / 2, n / 2, n, n);  // no ray misses the detector
  return std::make_shared<ir::ray_transform>(s.q, space({n, n}), geometry, s.type);
}

/// ||A x - y||^2_W / 2 with y = A noise, W between 1/2 and 3/2 if `weighted`.
ir::term data_of(setup& s, const op_ptr& A, bool weighted) {
  ir::owned_vec y(s.q, A->range(), s.type);
  A->apply(s.q, ir::test::random_vec(s, A->domain(), 4), y);
  const auto n = static_cast<std::size_t>(ir::real_count(A->range()));
  const auto w = vec_of(s, A->range(), ir::test::random_values(n, 5, 0.5, 1.5));
  ir::half_square::data data{.centre = ir::cvec(y)};
  if (weighted) data.diagonal = ir::cvec(w);
  return {1, std::make_shared<ir::half_square>(s.q, A->range(), data), A};
}
ir::problem ridge_of(setup& s, const ir::term& data, double weight) {
  const space& in = data.A->domain();
  const auto G = std::make_shared<ir::gradient>(in);
  return {in,
          s.type,
          s.q.where(),
          {data},
          {{weight, std::make_shared<ir::half_square>(in)},
           {weight, std::make_shared<ir::half_square>(G->range()), G}}};
}

/// The minimiser in f64 by a dense factorisation of the normal equations, whose columns are read
/// off by unit vectors.
std::vector<double> dense_minimum(const std::function<ir::problem(setup&)>& make) {
  setup s("cpu f64", ir::precision::f64, {});
  const ir::problem p = make(s);
  std::vector<ir::term> terms = p.fidelities;
  terms.insert(terms.end(), p.regularisers.begin(), p.regularisers.end());
  const auto system = ir::normal_equations_of(s.q, p.domain, s.type, terms);
  const auto n = static_cast<std::size_t>(ir::real_count(p.domain));
  std::vector<double> M, unit(n), b = ir::test::values(s, system.b);
  ir::owned_vec column(s.q, p.domain, s.type);
  for (std::size_t i = 0; i < n; ++i) {
    unit.assign(n, 0);
    unit[i] = 1;
    system.M->apply(s.q, vec_of(s, p.domain, unit), column);
    const auto values = ir::test::values(s, column);
    M.insert(M.end(), values.begin(), values.end());
  }
  ir::test::solve_with(ir::test::cholesky(M, n), n, b);
  return b;
}

struct outcome {
  std::vector<double> x;
  ir::index_t iterations;
};
outcome solve(setup& s, const ir::problem& p, std::optional<algorithm> asked = {},
              double residual = 1e-14) {
  const auto solver = ir::make_solver(s.q, p, ir::choose(p, asked));
  const auto r =
      ir::run(s.q, *solver,
              {.iterations = 2000, .residual = std::max(residual, 20 * ir::test::epsilon(s.type))});
  return {ir::test::values(s, solver->solution()), r.last.k};
}
void check_close(const std::vector<double>& a, const std::vector<double>& b, double within) {
  BOOST_REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  BOOST_TEST(most < within);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(preconditioned)

BOOST_AUTO_TEST_CASE(a_quadratic_has_one_minimum_for_every_algorithm) {
  const auto blurred = [](setup& s) {
    return ridge_of(s, data_of(s, blur_of(s, ir::boundary::reflect), true), 0.01);
  };
  const auto projected = [](setup& s) { return ridge_of(s, data_of(s, rays_of(s), false), 0.1); };
  for (const auto& make : {std::function<ir::problem(setup&)>(blurred),
                           std::function<ir::problem(setup&)>(projected)}) {
    const auto minimum = dense_minimum(make);
    for (setup& s : ir::test::setups())
      for (const algorithm a : {algorithm::cg, algorithm::pcg, algorithm::lsqr})
        BOOST_TEST_CONTEXT(s.name << ", " << ir::name_of(a))
    check_close(solve(s, make(s), a).x, minimum, s.type == ir::precision::f32 ? 5e-4 : 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(an_inverse_in_the_fourier_domain_saves_iterations) {
  setup s("cpu f64", ir::precision::f64, {});
  const space large({96, 128});
  const auto blur = [&](ir::boundary rule) { return blur_of(s, rule, large); };
  const auto blurred = ridge_of(s, data_of(s, blur(ir::boundary::zero), false), 1e-2);
  const auto weighted = ridge_of(s, data_of(s, blur(ir::boundary::reflect), true), 1e-2);
  const auto circular = ridge_of(s, data_of(s, blur(ir::boundary::circular), false), 1e-3);

  for (const auto* p : {&blurred, &weighted, &circular})
    BOOST_TEST((ir::choose(*p).method == algorithm::pcg));
  const auto saved = [&](const ir::problem& p, double factor, double residual) {
    const auto with = solve(s, p, algorithm::pcg, residual).iterations;
    const auto without = solve(s, p, algorithm::cg, residual).iterations;
    BOOST_TEST_MESSAGE(with << " iterations instead of " << without);
    BOOST_TEST(factor * static_cast<double>(with) < static_cast<double>(without));
  };
  for (const double residual : {1e-4, 1e-10}) {
    saved(blurred, 1.5, residual);
    saved(weighted, 1.3, residual);
    saved(circular, 2, residual);
  }
}

BOOST_AUTO_TEST_CASE(what_a_circulant_matrix_is_is_solved_in_one_step) {
  for (setup& s : ir::test::setups()) {
    auto p = ridge_of(s, data_of(s, blur_of(s, ir::boundary::circular), false), 0.1);
    p.regularisers.pop_back();

    const auto exact = solve(s, p);

    BOOST_TEST(exact.iterations <= (s.type == ir::precision::f32 ? 3 : 2));
    check_close(exact.x, solve(s, p, algorithm::cg).x, 1e-4);
  }
}

BOOST_AUTO_TEST_CASE(diagonals_are_divided_by) {
  for (setup& s : ir::test::setups()) {
    auto p = ridge_of(s, data_of(s, std::make_shared<ir::identity>(image), true), 0.1);
    p.regularisers.pop_back();

    BOOST_TEST((ir::choose(p).method == algorithm::pcg));
    BOOST_TEST(solve(s, p).iterations <= 3);
    BOOST_TEST(solve(s, p, algorithm::cg).iterations > 5);
  }
}

BOOST_AUTO_TEST_CASE(the_path_to_a_minimum_that_is_not_unique_is_left_alone) {
  // Without a regulariser an early end is the regularisation, and a preconditioner would undo it.
  for (setup& s : ir::test::setups()) {
    auto p = ridge_of(s, data_of(s, blur_of(s, ir::boundary::circular), false), 0.1);
    p.regularisers.clear();

    BOOST_TEST((ir::choose(p).method == algorithm::cg));
  }
}

BOOST_AUTO_TEST_CASE(rays_alone_are_not_near_enough) {
  // Their response reaches across the image: as many steps, each with two transforms more.
  for (setup& s : ir::test::setups())
    BOOST_TEST(
        (ir::choose(ridge_of(s, data_of(s, rays_of(s), false), 0.1)).method == algorithm::cg));
}

BOOST_AUTO_TEST_CASE(what_is_near_no_convolution_has_no_preconditioner) {
  for (setup& s : ir::test::setups()) {
    const ir::test::problem_maker make{s};
    const auto small = make.ridge();
    const ir::problem p{make.domain, s.type, s.q.where(), {small.data}, small.regulariser};

    BOOST_TEST((ir::choose(p).method == algorithm::cg));
    BOOST_CHECK_THROW(ir::choose(p, algorithm::pcg), ir::usage_error);
    const auto wrong = std::make_shared<ir::identity>(make.range);
    const auto unit = std::make_shared<ir::identity>(make.domain);
    BOOST_CHECK_THROW(
        ir::conjugate_gradient(s.q, unit, ir::owned_vec(s.q, make.domain, s.type),
                               ir::conjugate_gradient::system::direct, {.preconditioner = wrong}),
        ir::shape_error);
  }
}

BOOST_AUTO_TEST_CASE(a_start_changes_the_path_and_not_the_minimum) {
  for (setup& s : ir::test::setups()) {
    const auto p = ridge_of(s, data_of(s, blur_of(s, ir::boundary::reflect), true), 0.1);
    const auto start = ir::test::random_vec(s, image, 9);
    const auto minimum = solve(s, p, algorithm::cg).x;
    for (const algorithm a : {algorithm::cg, algorithm::pcg, algorithm::lsqr}) {
      const auto solver = ir::make_solver(s.q, p, ir::choose(p, a), {.start = ir::cvec(start)});

      BOOST_TEST(ir::test::distance(s, solver->solution(), ir::test::values(s, start)) == 0);
      ir::run(s.q, *solver, {.iterations = 500, .residual = 20 * ir::test::epsilon(s.type)});
      BOOST_TEST(ir::test::distance(s, solver->solution(), minimum) <
                 (s.type == ir::precision::f32 ? 1e-4 : 1e-9));
    }
  }
}

BOOST_AUTO_TEST_CASE(alternating_directions_use_it_too) {
  for (setup& s : ir::test::setups()) {
    const op_ptr A = rays_of(s);
    const auto G = std::make_shared<ir::gradient>(A->domain());
    const auto positive = std::make_shared<ir::box>(A->domain(), 0);
    const ir::composite parts{
        {data_of(s, A, false)}, positive, {{2, std::make_shared<ir::l21>(G->range()), G}}};
    ir::admm split(s.q, A->domain(), s.type, parts);
    ir::primal_dual other(s.q, A->domain(), s.type,
                          {{}, positive, {parts.smooth[0], parts.coupled[0]}}, {});

    ir::run(s.q, split, {.iterations = 1500, .change = 0.0});
    ir::run(s.q, other, {.iterations = 30000, .change = 0.0});

    BOOST_TEST(split.inner() ==
               "conjugate gradients from the iterate before, preconditioned in the Fourier domain");
    BOOST_TEST(ir::test::distance(s, split.solution(), ir::test::values(s, other.solution())) <
               (s.type == ir::precision::f32 ? 1e-2 : 1e-4));
  }
}

BOOST_AUTO_TEST_CASE(few_views_are_solved_by_alternating_directions_that_outrun_primal_dual_steps) {
  for (setup& s : ir::test::setups()) {
    constexpr ir::index_t n = 64;
    const auto A = std::make_shared<ir::ray_transform>(
        s.q, space({n, n}), ir::whole_slice(ir::even_angles(12, 0, 3.14159265), n, 31.5), s.type);
    std::vector<double> disc(n * n);
    for (ir::index_t i = 0; i < n * n; ++i)
      disc[static_cast<std::size_t>(i)] =
          std::hypot(static_cast<double>(i / n) - 30, static_cast<double>(i % n) - 28) < 15;
    ir::owned_vec y(s.q, A->range(), s.type);
    A->apply(s.q, vec_of(s, A->domain(), disc), y);
    ir::axpby(s.q, 0.5, ir::test::random_vec(s, A->range(), 7), 1, y);
    const auto G = std::make_shared<ir::gradient>(A->domain());
    const ir::problem p{A->domain(),
                        s.type,
                        s.q.where(),
                        {{1,
                          std::make_shared<ir::half_square>(
                              s.q, A->range(), ir::half_square::data{.centre = ir::cvec(y)}),
                          A}},
                        {{0.5, std::make_shared<ir::l21>(G->range()), G}},
                        std::make_shared<ir::box>(A->domain(), 0)};
    const auto after = [&](std::optional<algorithm> a, ir::index_t iterations) {
      const auto solver = ir::make_solver(s.q, p, ir::choose(p, a));
      ir::run(s.q, *solver, {.iterations = iterations});
      return ir::objective_of(s.q, p, solver->solution());
    };
    const double least = after(algorithm::pdhg, 20000);

    BOOST_TEST((ir::choose(p).method == algorithm::admm));
    BOOST_TEST(after({}, 60) < 1.005 * least);
    BOOST_TEST(after({}, 1000) < (1 + 1e-5) * least);
    BOOST_TEST(after(algorithm::pdhg, 120) > 1.01 * least);
  }
}

BOOST_AUTO_TEST_CASE(checkpoints_go_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) {
    const auto p = ridge_of(s, data_of(s, blur_of(s, ir::boundary::reflect), true), 0.01);
    for (const algorithm a : {algorithm::pcg, algorithm::lsqr})
      ir::test::check_resume(s, [&] { return ir::make_solver(s.q, p, ir::choose(p, a)); });
    const op_ptr A = rays_of(s);
    const auto G = std::make_shared<ir::gradient>(A->domain());
    const ir::problem split{A->domain(),
                            s.type,
                            s.q.where(),
                            {data_of(s, A, false)},
                            {{2, std::make_shared<ir::l21>(G->range()), G}}};
    ir::test::check_resume(
        s, [&] { return ir::make_solver(s.q, split, ir::choose(split, algorithm::admm)); });
  }
}

BOOST_AUTO_TEST_SUITE_END()
