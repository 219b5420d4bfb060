#include "op/norm_bounds.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "op/algebra.hpp"
#include "op/difference.hpp"
#include "op/identity.hpp"
#include "op/registry.hpp"
#include "op/tridiagonal.hpp"
#include "support/dense_operator.hpp"
#include "support/dense_svd.hpp"
#include "support/opaque_operator.hpp"

namespace {

using ir::bound;
using ir::op_ptr;
using ir::space;
using ir::test::setup;

/// Asserts that the interval holds the true norm and is as narrow as asked.
void check_interval(setup& s, const bound& b, double truth, double width) {
  const double slack = 64 * ir::test::epsilon(s.type) * truth;
  BOOST_TEST(b.upper >= truth - slack, b.how << ": upper " << b.upper << " below " << truth);
  BOOST_TEST(b.lower <= truth + slack, b.how << ": lower " << b.lower << " above " << truth);
  BOOST_TEST(ir::is_narrow(b, width), b.how << ": [" << b.lower << ", " << b.upper << "]");
}

std::vector<double> random_values(std::mt19937& bits, std::size_t n) {
  std::vector<double> v;
  while (v.size() < n) v.push_back(static_cast<double>(bits() % 2001) / 1000 - 1);
  return v;
}

op_ptr random_matrix(std::mt19937& bits, const space& domain, const space& range) {
  return std::make_shared<ir::test::dense_operator>(
      domain, range, random_values(bits, ir::test::reals_of(domain) * ir::test::reals_of(range)));
}

ir::array_ptr random_array(std::mt19937& bits, const ir::shape& n, bool positive) {
  auto values = random_values(bits, static_cast<std::size_t>(n.count()));
  for (double& v : values) v = positive ? std::abs(v) : v;
  return std::make_shared<ir::loaded_array>(ir::loaded_array{"r.npy", n, ir::field::real, values});
}

op_ptr call(setup& s, const space& x, const char* name,
            std::vector<std::pair<std::string, ir::argument>> given) {
  const ir::op_entry& e = *ir::find_op(name);
  return e.make(ir::arguments_for(e, std::move(given)))->build(x, s.type, s.q);
}

/// A leaf on images x.
op_ptr random_leaf(setup& s, std::mt19937& bits, const space& x) {
  using word = std::string;
  static const word rules[] = {"edge", "reflect", "zero", "circular"};
  const word rule = rules[bits() % 4];
  switch (bits() % 10) {
    case 0:
      return call(s, x, "gradient", {{"boundary", rule}});
    case 1:
      return call(s, x, "gaussian", {{"sigma", 0.8}, {"boundary", rule}});
    case 2:
      return call(
          s, x, "blur",
          {{"psf", random_array(bits, {3, 2}, false)}, {"boundary", rule}, {"sum", word("keep")}});
    case 3:
      return call(s, x, "blur", {{"psf", random_array(bits, {2, 3}, true)}, {"boundary", rule}});
    case 4:
      return call(s, x, "mask", {{"mask", random_array(bits, x.extents(), false)}});
    case 5:
      return call(s, x, "diagonal", {{"weights", random_array(bits, x.extents(), false)}});
    case 6:
      return call(s, x, "pad", {{"width", 1.0}, {"boundary", rule}});
    case 7:
      return call(s, x, "downsample", {{"factor", 2.0}, {"antialias", word("gaussian")}});
    case 8:
      return call(s, x, "laplacian", {{"boundary", rule}});
    default:
      return random_matrix(bits, x, space({3}));
  }
}

/// An expression with each rule of the algebra somewhere in it.
op_ptr random_expression(setup& s, std::mt19937& bits, const space& x, int depth) {
  if (depth == 0) return random_leaf(s, bits, x);
  const op_ptr A = random_expression(s, bits, x, depth - 1);
  const op_ptr B = random_expression(s, bits, x, depth - 1);
  const auto rule = bits() % 7;
  if (rule == 0) return ir::compose(random_matrix(bits, A->range(), space({4})), A);
  if (rule == 1) return ir::compose(ir::adjoint(A), A);
  if (rule == 2 && A->domain() == x)
    return ir::scale(-1.7, ir::compose(A, call(s, x, "gaussian", {{"sigma", 1.0}})));
  if (rule == 3 || A->domain() != B->domain()) return ir::block_diagonal({A, B});
  if (rule == 4) return ir::sum({ir::normal(A), ir::normal(B)});
  if (rule == 5) return ir::side_by_side({ir::adjoint(A), ir::adjoint(B)});
  return ir::stack({A, B});
}

/// x, and an adjoint that is wrong by a thousandth.
class unmatched final : public ir::linear_operator {
 public:
  explicit unmatched(const space& n) : linear_operator(n, n) {}

 private:
  void do_apply(ir::queue& q, ir::cvec x, ir::vec y, ir::mode) const override {
    ir::axpby(q, 1, x, 0, y);
  }
  void do_adjoint(ir::queue& q, ir::cvec y, ir::vec x, ir::mode) const override {
    ir::axpby(q, 1.001, y, 0, x);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(norm_bounds)

BOOST_AUTO_TEST_CASE(fifty_random_expressions_have_their_true_norm_within_one_percent) {
  for (setup& s : ir::test::setups()) {
    std::mt19937 bits(20261121);
    for (int i = 0; i < 50; ++i) BOOST_TEST_CONTEXT(s.name << " expression " << i) {
        const op_ptr A = random_expression(s, bits, space({4, 3}), 1 + i % 3);
        const double truth = ir::test::true_norm(s, *A);

        ir::test::check_norm_bounds(s, *A);  // what the algebra infers
        const bound b = ir::tight_norm(s.q, *A, s.type);

        check_interval(s, b, truth, 1e-2);
        check_interval(s, *A->norm(), truth, 1e-2);  // learned
      }
  }
}

BOOST_AUTO_TEST_CASE(a_large_operator_of_which_nothing_is_known_is_bounded_on_both_sides) {
  for (setup& s : ir::test::setups()) {
    const auto G = std::make_shared<ir::gradient>(space({48, 64}));
    const double truth = G->norm()->upper;
    const ir::test::opaque_operator A(G);

    const bound b = ir::tight_norm(s.q, A, s.type);

    BOOST_TEST_CONTEXT(s.name) check_interval(s, b, truth, 1e-2);
    BOOST_TEST(b.how.find("1e-10") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(without_negative_entries_the_bound_needs_no_chance) {
  for (setup& s : ir::test::setups()) {
    const space n({40, 30});
    const op_ptr blur = call(s, n, "gaussian", {{"sigma", 1.5}});
    const double truth = blur->norm()->upper;
    const ir::test::opaque_operator A(blur, {.nonnegative = true});

    const bound b = ir::tight_norm(s.q, A, s.type);

    BOOST_TEST_CONTEXT(s.name) check_interval(s, b, truth, 1e-2);
    BOOST_TEST(b.how.find("probability") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(degenerate_operators_have_bounds) {
  for (setup& s : ir::test::setups()) {
    const space n({30, 30}), one({1});
    std::mt19937 bits(3);
    const auto hidden = [](op_ptr A) { return ir::test::opaque_operator(std::move(A)); };
    const auto zero = hidden(std::make_shared<ir::zero_operator>(n, one));
    const auto same = hidden(std::make_shared<ir::identity>(n));
    const auto row = hidden(random_matrix(bits, n, one));
    const auto number = hidden(random_matrix(bits, one, one));

    BOOST_TEST(ir::tight_norm(s.q, zero, s.type).upper <= 1e-9);
    check_interval(s, ir::tight_norm(s.q, same, s.type), 1, 1e-2);
    check_interval(s, ir::tight_norm(s.q, number, s.type), ir::test::true_norm(s, number), 1e-2);
    check_interval(s, ir::tight_norm(s.q, row, s.type), ir::test::true_norm(s, row), 1e-2);
  }
}

BOOST_AUTO_TEST_CASE(a_narrower_interval_can_be_asked_for) {
  setup s("f64", ir::precision::f64, {});
  const auto G = std::make_shared<ir::gradient>(space({20, 40}));
  const ir::test::opaque_operator A(G);

  for (const double width : {1e-1, 1e-3, 1e-5})
    check_interval(s, ir::tight_norm(s.q, A, s.type, {.width = width}), G->norm()->upper, width);
}

BOOST_AUTO_TEST_CASE(too_few_steps_leave_a_wide_interval_that_holds) {
  setup s("f64", ir::precision::f64, {});
  const auto G = std::make_shared<ir::gradient>(space({20, 40}));
  const ir::test::opaque_operator A(G);

  const bound b = ir::tight_norm(s.q, A, s.type, {.most_steps = 5});

  check_interval(s, b, G->norm()->upper, 1e9);
  BOOST_TEST(!ir::is_narrow(b, 1e-2));
}

BOOST_AUTO_TEST_CASE(a_difference_of_gaussians_has_its_true_norm_not_two) {
  setup s("f64", ir::precision::f64, {});
  const space n({14, 14});
  const auto of = [&](double sigma) {
    return call(s, n, "gaussian", {{"sigma", sigma}, {"boundary", std::string("circular")}});
  };
  const op_ptr A = ir::sum({of(1), ir::scale(-1, of(1.6))});

  const double before = A->norm()->upper;
  const bound b = ir::tight_norm(s.q, *A, s.type);

  BOOST_TEST(before == 2, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(b.upper < 0.4);
  check_interval(s, b, ir::test::true_norm(s, *A), 1e-2);
}

BOOST_AUTO_TEST_CASE(three_circular_blurs_over_one_another_have_the_square_norm_three) {
  for (setup& s : ir::test::setups()) {
    const space n({3, 60, 40}, {}, 2);
    std::mt19937 bits(4);
    const auto blur = [&](ir::argument psf) {
      return call(s, n, "blur", {{"psf", psf}, {"boundary", std::string("circular")}});
    };
    const ir::op_entry& g = *ir::find_op("gaussian");
    const auto gaussian = [&](double sigma) {
      return ir::spec_ptr(g.make(ir::arguments_for(g, {{"sigma", sigma}})));
    };
    const op_ptr A =
        ir::stack({blur(gaussian(1)), blur(gaussian(2)), blur(random_array(bits, {15, 15}, true))});

    const bound b = *A->norm();

    BOOST_TEST(std::abs(b.upper * b.upper - 3) < 2e-4);
    BOOST_TEST(std::abs(b.lower * b.lower - 3) < 2e-4);
  }
}

BOOST_AUTO_TEST_CASE(gradients_of_volumes_are_not_bounded_by_more_than_the_root_of_twelve) {
  for (const auto rule : {ir::boundary::edge, ir::boundary::reflect, ir::boundary::circular}) {
    const double norm = ir::gradient(space({9, 8, 7}), {{1}, rule}).norm()->upper;
    BOOST_TEST(norm <= std::sqrt(12) + 1e-9);
    BOOST_TEST(norm >= 3.3);
  }
}

BOOST_AUTO_TEST_CASE(the_same_bits_come_again) {
  setup s("f32", ir::precision::f32, {});
  const ir::test::opaque_operator A(std::make_shared<ir::gradient>(space({20, 40}))),
      B(std::make_shared<ir::gradient>(space({20, 40})));

  const bound a = ir::tight_norm(s.q, A, s.type), b = ir::tight_norm(s.q, B, s.type);

  BOOST_TEST(a.upper == b.upper);
  BOOST_TEST(a.lower == b.lower);
}

BOOST_AUTO_TEST_CASE(singular_values_come_with_multiplicity_and_bounds) {
  for (setup& s : ir::test::setups()) {
    std::mt19937 bits(9);
    const space n({5, 5});
    const op_ptr list[] = {
        std::make_shared<ir::gradient>(n),  // pairs of equal values
        random_matrix(bits, n, space({7})), std::make_shared<ir::identity>(n),
        call(s, n, "gaussian", {{"sigma", 1.0}, {"boundary", std::string("circular")}})};
    for (const op_ptr& A : list) BOOST_TEST_CONTEXT(s.name << ' ' << A->name()) {
        const auto truth = ir::test::singular_values(ir::test::columns_of(s, *A));

        const auto found = ir::singular_values(s.q, *A, s.type, 5);

        BOOST_REQUIRE_EQUAL(found.size(), 5u);
        for (std::size_t i = 0; i < 5; ++i) check_interval(s, found[i], truth[i], 1e-2);
      }
    const op_ptr C = ir::test::complex_band(4);
    const auto truth = ir::test::singular_values(ir::test::columns_of(s, *C));
    const auto found = ir::singular_values(s.q, *C, s.type, 3);
    for (std::size_t i = 0; i < 3; ++i) check_interval(s, found[i], truth[2 * i], 1e-2);
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_adjoint_is_found) {
  for (setup& s : ir::test::setups()) {
    const space n({6, 7});
    const op_ptr A = call(s, n, "gaussian", {{"sigma", 1.0}});

    BOOST_TEST(ir::check_adjoint(s.q, *A, s.type).holds());
    BOOST_TEST(ir::check_adjoint(s.q, ir::zero_operator(n, n), s.type).holds());
    BOOST_TEST(!ir::check_adjoint(s.q, unmatched(n), s.type).holds());
  }
}

BOOST_AUTO_TEST_CASE(an_operator_that_makes_nan_is_a_numeric_error) {
  setup s("f64", ir::precision::f64, {});
  const ir::test::dense_operator A(space({2}), space({2}), {1, 0, 0, std::nan("")});

  BOOST_CHECK_THROW(ir::tight_norm(s.q, A, s.type), ir::numeric_error);
}

BOOST_AUTO_TEST_CASE(a_tridiagonal_matrix_bounds_the_operator_that_made_it) {
  // Of {2, -1} beside 2: eigenvalues 2 - 2 cos(pi k / 4).
  const ir::tridiagonal t{{2, 2, 2}, {-1, -1, 1e-3}};
  const double largest = ir::largest_eigenvalue(t);

  BOOST_TEST(largest == 2 + std::sqrt(2.0), boost::test_tools::tolerance(1e-12));
  const auto v = ir::eigenvector(t, largest);
  BOOST_TEST(std::abs(v[1] / v[0]) == std::sqrt(2.0), boost::test_tools::tolerance(1e-9));
  BOOST_TEST(ir::largest_eigenvalue_bound(t, 0.1) >= largest);
  BOOST_TEST(ir::largest_eigenvalue_bound(t, 1e-20) >= ir::largest_eigenvalue_bound(t, 0.1));
}

BOOST_AUTO_TEST_SUITE_END()
