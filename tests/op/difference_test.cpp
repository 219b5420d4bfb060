#include "op/difference.hpp"

#include <boost/test/unit_test.hpp>

#include "core/blas1.hpp"
#include "fft/convolution.hpp"
#include "op/algebra.hpp"
#include "op/registry.hpp"
#include "support/dense_svd.hpp"
#include "support/operator_laws.hpp"
#include "support/operator_values.hpp"

namespace {

using ir::boundary;
using ir::difference_options;
using ir::op_ptr;
using ir::space;
using ir::test::check_values;
using ir::test::setup;

constexpr boundary rules[] = {boundary::circular, boundary::zero, boundary::reflect,
                              boundary::edge};

std::vector<op_ptr> all_of(const space& n, boundary rule) {
  const int d = n.blocks()[0].spatial;
  const difference_options o{d == 2 ? std::vector{0.5, 2.0} : std::vector{0.5}, rule};
  std::vector<op_ptr> all{std::make_shared<ir::gradient>(n, o),
                          std::make_shared<ir::laplacian>(n, o)};
  if (rule != boundary::zero) all.push_back(std::make_shared<ir::hessian>(n, o));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(difference)

BOOST_AUTO_TEST_CASE(laws_hold_for_every_boundary_on_odd_degenerate_and_batched_spaces) {
  for (setup& s : ir::test::setups())
    for (const boundary rule : rules)
      for (const space& n :
           {space({5, 7, 3}), space({8, 9}), space({1, 1, 1}), space({13}), space({1}),
            space({2, 2}), space({3, 6, 5}, {}, 2), space({2, 3, 2, 4, 5}, {}, 3)})
        for (const op_ptr& A : all_of(n, rule))
          BOOST_TEST_CONTEXT(s.name << ' ' << A->name() << ' ' << n << ' ' << ir::name_of(rule))
  ir::test::check_operator_laws(s, *A);
}

BOOST_AUTO_TEST_CASE(periodic_differences_are_banks_of_convolutions_and_their_adjoints_are_not) {
  const space n({3, 6, 5}, {}, 2);
  for (const boundary rule : rules)
    for (const op_ptr& A : all_of(n, rule)) {
      const bool periodic = rule == boundary::circular, square = A->range() == n;
      const auto bank = [](const op_ptr& B) { return B->properties().convolution_bank; };
      BOOST_TEST(bank(A) == periodic);
      BOOST_TEST(bank(ir::scale(2, A)) == periodic);
      BOOST_TEST(bank(ir::stack({A, A})) == periodic);
      BOOST_TEST(bank(ir::adjoint(A)) == (periodic && square));
      BOOST_TEST(ir::normal(A)->properties().fourier_diagonal == periodic);
    }
}

BOOST_AUTO_TEST_CASE(norms_are_exact_for_every_boundary) {
  setup s("f64", ir::precision::f64, {});
  for (const boundary rule : rules)
    for (const space& n : {space({3, 4}), space({7}), space({2, 3, 3}), space({1, 2}), space({1})})
      for (const op_ptr& A : all_of(n, rule)) {
        const double truth = ir::test::true_norm(s, *A);
        BOOST_TEST_CONTEXT(A->name() << ' ' << n << ' ' << ir::name_of(rule)) {
          BOOST_TEST(std::abs(A->norm()->upper - truth) <= 1e-11 * truth);
          BOOST_TEST(A->norm()->upper >= truth * (1 - 1e-15));
          BOOST_TEST(A->norm()->lower <= truth * (1 + 1e-15));
        }
      }
}

BOOST_AUTO_TEST_CASE(the_gradient_of_a_64_by_64_image_has_the_norm_2_8276) {
  const double norm = ir::gradient(space({64, 64})).norm()->upper;

  BOOST_TEST(std::abs(norm - 2.8276) < 1e-4);
  for (const boundary rule : {boundary::reflect, boundary::edge, boundary::circular})
    BOOST_TEST(ir::gradient(space({64, 64}), {{1}, rule}).norm()->upper <= std::sqrt(8) + 1e-9);
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : ir::test::setups()) {
    const space line({3}), square({2, 2});
    const std::vector<double> ramp{0, 1, 2}, x{1, 2, 4, 8};
    const auto g = [&](boundary b, const std::vector<double>& y) {
      check_values(s, ir::gradient(line, {{0.5}, b}), ramp, y);
    };

    g(boundary::edge, {2, 2, 0});
    g(boundary::reflect, {2, 2, 0});
    g(boundary::zero, {2, 2, -4});
    g(boundary::circular, {2, 2, -4});
    check_values(s, ir::gradient(square), x, {3, 6, 0, 0, 1, 0, 4, 0});
    check_values(s, ir::laplacian(line), {0, 1, 0}, {1, -2, 1});
    check_values(s, ir::laplacian(line, {{1}, boundary::zero}), {1, 1, 1}, {-1, 0, -1});
    const double r = std::sqrt(2.0);
    check_values(s, ir::hessian(square), x, {3, 6, -3, -6, 1, -1, 4, -4, 3 * r, 0, 0, 0});
  }
}

BOOST_AUTO_TEST_CASE(second_derivatives_are_divided_by_the_square_of_the_spacing) {
  for (setup& s : ir::test::setups()) {
    const space line({3}), square({2, 2});

    check_values(s, ir::laplacian(line, {{2}, boundary::edge}), {0, 1, 0}, {0.25, -0.5, 0.25});
    check_values(s, ir::hessian(line, {{2}, boundary::edge}), {0, 1, 4}, {0.25, 0.5, -0.75});
    // of 2 and 4 in the mixed one: sqrt 2 * (8 - 4 - 2 + 1) / 8
    check_values(
        s, ir::hessian(square, {{2, 4}, boundary::edge}), {1, 2, 4, 8},
        {0.75, 1.5, -0.75, -1.5, 1 / 16.0, -1 / 16.0, 0.25, -0.25, 3 / std::sqrt(32.0), 0, 0, 0});
  }
}

BOOST_AUTO_TEST_CASE(the_laplacian_is_minus_the_adjoint_times_the_gradient) {
  for (setup& s : ir::test::setups())
    for (const boundary rule : {boundary::edge, boundary::circular}) {
      const space n({4, 5});
      const ir::gradient G(n, {{1, 2}, rule});
      const ir::laplacian L(n, {{1, 2}, rule});
      const auto x = ir::test::random_vec(s, n, 3);
      ir::owned_vec z(s.q, n, s.type), y(s.q, n, s.type);

      G.normal(s.q, x, z);
      ir::scale(s.q, -1, z);
      L.apply(s.q, x, y);

      ir::test::check_close(s, ir::test::values(s, z), ir::test::values(s, y));
    }
}

BOOST_AUTO_TEST_CASE(the_default_divergence_is_minus_the_adjoint_of_the_default_gradient) {
  for (setup& s : ir::test::setups()) {
    const auto spec = [](const char* name) {
      const ir::op_entry& e = *ir::find_op(name);
      return e.make(ir::arguments_for(e, {}));
    };
    const space n({4, 5});
    const op_ptr G = spec("gradient")->build(n, s.type, s.q);
    const op_ptr D = spec("divergence")->build(G->range(), s.type, s.q);
    const auto g = ir::test::random_vec(s, G->range(), 5);
    ir::owned_vec a(s.q, n, s.type), b(s.q, n, s.type);

    D->apply(s.q, g, a);
    G->adjoint(s.q, g, b);
    ir::scale(s.q, -1, b);

    ir::test::check_close(s, ir::test::values(s, a), ir::test::values(s, b));
  }
}

BOOST_AUTO_TEST_CASE(spaces_and_options_that_do_not_fit_are_errors) {
  const space n({4, 5});
  const auto spec = [](const char* name) {
    const ir::op_entry& e = *ir::find_op(name);
    return e.make(ir::arguments_for(e, {}));
  };

  BOOST_CHECK_THROW(ir::gradient(n, {{0.0}, {}}), ir::usage_error);
  BOOST_CHECK_THROW(ir::gradient(n, {{1, 2, 3}, {}}), ir::usage_error);
  BOOST_CHECK_THROW(ir::gradient(space({4}, ir::field::complex)), ir::shape_error);
  BOOST_CHECK_THROW(ir::gradient(n | n), ir::shape_error);
  BOOST_CHECK_THROW(ir::hessian(n, {{1}, boundary::zero}), ir::usage_error);
  BOOST_CHECK_THROW(spec("gradient")->domain_of(space({3, 4, 5}, {}, 2)), ir::shape_error);
  BOOST_TEST((spec("gradient")->domain_of(space({2, 4, 5}, {}, 2)) == n));
  BOOST_TEST((spec("hessian")->domain_of(space({3, 4, 5}, {}, 2)) == n));
}

BOOST_AUTO_TEST_SUITE_END()
