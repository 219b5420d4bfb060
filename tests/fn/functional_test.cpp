#include "fn/functional.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "fn/ball.hpp"
#include "fn/box.hpp"
#include "fn/combine.hpp"
#include "fn/half_square.hpp"
#include "fn/huber.hpp"
#include "fn/l1.hpp"
#include "fn/l2.hpp"
#include "fn/l21.hpp"
#include "fn/linear.hpp"
#include "fn/nuclear.hpp"
#include "fn/poisson.hpp"
#include "support/functional_laws.hpp"

namespace {

using ir::space;
using ir::test::check_functional_laws;
using ir::test::setup;
using ir::test::values;
using ir::test::vec_of;

const auto each = boost::test_tools::per_element();
constexpr double infinite = std::numeric_limits<double>::infinity();

/// Two blocks with a gap between them, so that gaps are tried too.
const space& ragged() {
  static const space in = space({3, 5}) | space({7});
  return in;
}
ir::owned_vec positive(setup& s, const space& in, std::uint64_t seed, double least = 0.1) {
  auto v = values(s, ir::test::random_vec(s, in, seed));
  for (double& x : v) x = std::abs(x) + least;
  return vec_of(s, in, v);
}
void check_close(const std::vector<double>& a, const std::vector<double>& b, double within) {
  BOOST_REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    BOOST_TEST(std::abs(a[i] - b[i]) <= within, "element " << i << ": " << a[i] << ", " << b[i]);
}
std::vector<double> prox(setup& s, const ir::functional& f, const std::vector<double>& x,
                         double t) {
  ir::owned_vec v = vec_of(s, f.domain(), x);
  f.prox(s.q, v, {t}, v);
  return values(s, v);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(functionals)

BOOST_AUTO_TEST_CASE(laws_hold_for_every_functional) {
  for (setup& s : ir::test::setups()) {
    const space& in = ragged();
    const auto x = ir::test::random_vec(s, in, 1), c = ir::test::random_vec(s, in, 2);
    const auto d = positive(s, in, 3), counts = positive(s, in, 4, 0), inside = positive(s, in, 5);
    const space vectors({2, 3, 4}, ir::field::real, 2);
    const space waves = space({6}, ir::field::complex) | space({4, 2, 3}, ir::field::complex, 1);
    const auto g = ir::test::random_vec(s, vectors, 6), w = ir::test::random_vec(s, waves, 7);
    const std::vector<std::pair<ir::fn_ptr, ir::cvec>> all{
        {std::make_shared<ir::l1>(in, 0.4), x},
        {std::make_shared<ir::l2>(in, 0.4), x},
        {std::make_shared<ir::half_square>(in, 3), x},
        {std::make_shared<ir::half_square>(waves, 3), w},
        {std::make_shared<ir::half_square>(s.q, in, ir::half_square::data{c, d}, 0.7), x},
        {std::make_shared<ir::huber>(in, 0.2, 0.5), x},
        {std::make_shared<ir::box>(in, -0.2, 0.4), x},
        {std::make_shared<ir::box>(in, 0), x},
        {std::make_shared<ir::poisson>(s.q, counts, 0.2, 1.5), inside},
        {std::make_shared<ir::poisson>(s.q, counts), inside},
        {std::make_shared<ir::poisson>(s.q, counts, d), inside},
        {std::make_shared<ir::linear_functional>(s.q, c, 2), x},
        {std::make_shared<ir::l21>(vectors, 0.3), g},
        {std::make_shared<ir::l21>(waves, 0.3), w},
        {std::make_shared<ir::nuclear>(vectors, 0.3), g},
        {ir::make_ball(in, ir::ball_norm::l1, 0.8), x},
        {ir::make_ball(in, ir::ball_norm::l2, 0.8), x},
        {ir::make_ball(in, ir::ball_norm::linf, 0.3), x},
        {ir::shifted(s.q, std::make_shared<ir::l1>(in), c), x},
        {ir::shifted(s.q, std::make_shared<ir::huber>(in, 0.3), c), x},
        {ir::scaled(0.3, ir::shifted(s.q, std::make_shared<ir::l1>(in), c)), x},
        {ir::scaled(0.3, ir::shifted(s.q, std::make_shared<ir::l2>(in), c)), x},
        {ir::stretched(3, std::make_shared<ir::l1>(in, 0.3)), x},
        {ir::stretched(0.5, std::make_shared<ir::huber>(in, 0.3)), x},
        {ir::moreau_envelope(std::make_shared<ir::l1>(in, 0.3), 0.5), x},
        {ir::moreau_envelope(std::make_shared<ir::l21>(vectors), 0.2), g},
        {ir::separable_sum({std::make_shared<ir::l1>(space({3, 5}), 0.2),
                            std::make_shared<ir::half_square>(space({7}), 2)}),
         x}};
    for (const auto& [f, at] : all) BOOST_TEST_CONTEXT(s.name << ", " << f->name())
    check_functional_laws(s, *f, at);
  }
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : ir::test::setups()) {
    const space in({4});
    const auto x = vec_of(s, in, {3, -4, 0, 0.5}), c = vec_of(s, in, {1, 0, 0, 0.5});
    const auto w = vec_of(s, in, {1, 2, 3, 0});
    const auto value = [&](const ir::functional& f) { return f.value(s.q, x); };

    BOOST_TEST(value(ir::l1(in, 2)) == 15);
    BOOST_TEST(std::abs(value(ir::l2(in)) - std::sqrt(25.25)) < 1e-7);
    BOOST_TEST(value(ir::half_square(in)) == 12.625);
    BOOST_TEST(value(ir::half_square(s.q, in, {c, w})) == 0.5 * (4 + 32));
    BOOST_TEST(value(ir::huber(in, 1)) == 2.5 + 3.5 + 0.125);
    BOOST_TEST(value(ir::box(in, -4, 3)) == 0);
    BOOST_TEST(value(ir::box(in, -3, 3)) == infinite);
    BOOST_TEST(value(ir::box(in, 0)) == infinite);
    BOOST_TEST(value(ir::linear_functional(s.q, c, 2)) == 6.5);
    BOOST_TEST(value(*ir::make_ball(in, ir::ball_norm::l1, 7.5)) == 0);
    BOOST_TEST(value(*ir::make_ball(in, ir::ball_norm::l1, 7.4)) == infinite);
    BOOST_TEST(value(*ir::make_ball(in, ir::ball_norm::l2, 5)) == infinite);
    BOOST_TEST(value(*ir::make_ball(in, ir::ball_norm::linf, 4)) == 0);
    // |(3, 0)| + |(-4, 0.5)|: the leading axis holds the components
    const space pairs({2, 2}, ir::field::real, 1);
    BOOST_TEST(std::abs(ir::l21(pairs).value(s.q, vec_of(s, pairs, {3, -4, 0, 0.5})) - 3 -
                        std::sqrt(16.25)) < 1e-6);
    // of a complex signal: |3 - 4j| + |0.5j|
    const space waves({2}, ir::field::complex);
    BOOST_TEST(ir::l21(waves).value(s.q, vec_of(s, waves, {3, -4, 0, 0.5})) == 5.5);
  }
}

BOOST_AUTO_TEST_CASE(poisson_at_the_edge_of_its_domain) {
  for (setup& s : ir::test::setups()) {
    const space in({2});
    const auto value = [&](const std::vector<double>& y, const std::vector<double>& x, double b) {
      return ir::poisson(s.q, vec_of(s, in, y), b).value(s.q, vec_of(s, in, x));
    };
    const double log2 = std::log(2.0);

    BOOST_TEST(value({2, 0}, {2, 0}, 0) == 0);
    BOOST_TEST(std::abs(value({2, 0}, {1, 3}, 0) - (1 - 2 + 2 * log2 + 3)) < 1e-12);
    BOOST_TEST(std::abs(value({2, 0}, {0.5, 2.5}, 0.5) - (1 - 2 + 2 * log2 + 3)) < 1e-12);
    BOOST_TEST(value({2, 0}, {0, 0}, 0) == infinite);
    BOOST_TEST(value({2, 0}, {1, -1}, 0) == infinite);
    // far away: z = t y / (t - x) to first order, without cancellation; and exactly 0 without
    // counts
    const auto p = prox(s, ir::poisson(s.q, vec_of(s, in, {2, 0})), {-1e6, -1e6}, 1);
    BOOST_TEST(std::abs(p[0] - 2e-6) < 1e-10);
    BOOST_TEST(p[1] == 0);
    BOOST_CHECK_THROW(ir::poisson(s.q, vec_of(s, in, {-1, 0})), ir::data_error);
    BOOST_CHECK_THROW(ir::poisson(s.q, vec_of(s, in, {1, NAN})), ir::data_error);
    BOOST_CHECK_THROW(ir::poisson(s.q, vec_of(s, in, {1, 1}), -0.5), ir::data_error);
    BOOST_TEST(!ir::poisson(s.q, vec_of(s, in, {1, 1})).can().lipschitz.has_value());
    BOOST_TEST(ir::poisson(s.q, vec_of(s, in, {1, 3}), 0.5).can().lipschitz->upper == 12);
  }
}

BOOST_AUTO_TEST_CASE(prox_of_zero_and_of_huge_values) {
  for (setup& s : ir::test::setups()) {
    const space in({3}), pairs({2, 3}, ir::field::real, 1);
    const std::vector<double> zero(3), huge{1e18, -1e18, 1e-18};

    for (const ir::fn_ptr& f :
         {ir::fn_ptr(std::make_shared<ir::l1>(in)), ir::fn_ptr(std::make_shared<ir::l2>(in)),
          ir::fn_ptr(std::make_shared<ir::huber>(in, 0.1)), ir::make_ball(in, ir::ball_norm::l1, 1),
          ir::make_ball(in, ir::ball_norm::l2, 1)})
      BOOST_TEST(prox(s, *f, zero, 2) == zero, each);
    BOOST_TEST(prox(s, ir::l21(pairs), std::vector<double>(6), 2) == std::vector<double>(6), each);
    check_close(prox(s, ir::l1(in), huge, 1), {1e18, -1e18, 0}, 1e12);
    check_close(prox(s, *ir::make_ball(in, ir::ball_norm::l1, 2), {1e6, -1e6, 1e-6}, 1), {1, -1, 0},
                1e-6);
    check_close(prox(s, ir::box(in, -1, 1), huge, 1), {1, -1, 1e-18}, 1e-20);
  }
}

BOOST_AUTO_TEST_CASE(the_l1_ball_by_hand) {
  for (setup& s : ir::test::setups()) {
    const space in({4});

    // threshold 1: 2 + 1 = 3
    check_close(prox(s, *ir::make_ball(in, ir::ball_norm::l1, 3), {3, -2, 0.5, 0}, 9),
                {2, -1, 0, 0}, 1e-6);
    check_close(prox(s, *ir::make_ball(in, ir::ball_norm::l1, 3), {1, -1, 0.5, 0}, 9),
                {1, -1, 0.5, 0}, 0);
  }
}

BOOST_AUTO_TEST_CASE(singular_values_by_hand) {
  for (setup& s : ir::test::setups()) {
    const space wide({2, 3}), tall({3, 2}), batch({2, 1, 2});
    const double eps = 20 * ir::test::epsilon(s.type);

    // rows (3, 0, 0), (0, -4, 0); the transpose; 3 and 4 in each of two matrices
    const auto value = [&](const space& in, const std::vector<double>& x) {
      return ir::nuclear(in, 2).value(s.q, vec_of(s, in, x));
    };
    BOOST_TEST(std::abs(value(wide, {3, 0, 0, 0, -4, 0}) - 14) < eps);
    BOOST_TEST(std::abs(value(tall, {3, 0, 0, -4, 0, 0}) - 14) < eps);
    BOOST_TEST(std::abs(value(batch, {3, 4, 0, 1}) - 12) < eps);
    BOOST_TEST(value(wide, std::vector<double>(6)) == 0);
    // a constant matrix has rank 1 and the value 2 sqrt 6
    BOOST_TEST(std::abs(value(wide, std::vector<double>(6, 1)) - 2 * std::sqrt(6)) < eps);
    check_close(prox(s, ir::nuclear(wide), {3, 0, 0, 0, -4, 0}, 1), {2, 0, 0, 0, -3, 0}, eps);
    check_close(prox(s, ir::nuclear(wide), {3, 0, 0, 0, -4, 0}, 3.5), {0, 0, 0, 0, -0.5, 0}, eps);
    BOOST_CHECK_THROW(ir::nuclear(space({4})), ir::usage_error);
    BOOST_CHECK_THROW(ir::nuclear(space({4, 4}, ir::field::complex)), ir::usage_error);
  }
}

BOOST_AUTO_TEST_CASE(a_quadratic_keeps_its_data_under_shift_and_scale) {
  for (setup& s : ir::test::setups()) {
    const space in({2});
    const auto c = vec_of(s, in, {1, 2}), d = vec_of(s, in, {3, 4}), by = vec_of(s, in, {10, 20});
    const auto f = ir::scaled(
        5, ir::shifted(s.q, std::make_shared<ir::half_square>(s.q, in, ir::half_square::data{c, d}),
                       by));

    const auto form = f->quadratic();

    BOOST_REQUIRE(form.has_value());
    BOOST_TEST(form->weight == 5);
    BOOST_TEST(values(s, *form->centre) == (std::vector<double>{11, 22}), each);
    BOOST_TEST(values(s, *form->diagonal) == (std::vector<double>{3, 4}), each);
    BOOST_TEST(f->value(s.q, vec_of(s, in, {12, 22})) == 0.5 * 5 * 3);
    BOOST_TEST(f->can().lipschitz->upper == 20);
    BOOST_TEST(f->can().strong == 15);
  }
}

BOOST_AUTO_TEST_CASE(a_shift_of_zero_mean_is_a_shift) {
  for (setup& s : ir::test::setups()) {
    const space in({2});
    const auto f = ir::shifted(s.q, std::make_shared<ir::half_square>(in), vec_of(s, in, {1, -1}));

    BOOST_TEST(f->value(s.q, vec_of(s, in, {0, 0})) == 1);
    BOOST_TEST(f->value(s.q, vec_of(s, in, {1, -1})) == 0);
  }
}

BOOST_AUTO_TEST_CASE(the_envelope_of_l1_is_huber) {
  for (setup& s : ir::test::setups()) {
    const space in({50});
    const auto x = ir::test::random_vec(s, in, 4);
    const auto envelope = ir::moreau_envelope(std::make_shared<ir::l1>(in), 0.25);
    const ir::huber h(in, 0.25);
    ir::owned_vec a(s.q, in, s.type), b(s.q, in, s.type);
    envelope->gradient(s.q, x, a);
    h.gradient(s.q, x, b);

    BOOST_TEST(std::abs(envelope->value(s.q, x) - h.value(s.q, x)) <
               50 * ir::test::epsilon(s.type));
    check_close(values(s, a), values(s, b), 8 * ir::test::epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(what_a_functional_lacks_is_refused_by_name) {
  for (setup& s : ir::test::setups()) {
    const space in({3}), wave({3}, ir::field::complex);
    const auto x = ir::test::random_vec(s, in, 4);
    ir::owned_vec out(s.q, in, s.type);
    const auto says = [](const char* what) {
      return [what](const ir::error& e) { return std::string(e.what()) == what; };
    };

    BOOST_CHECK_EXCEPTION(ir::l1(in, 0.5).gradient(s.q, x, out), ir::usage_error,
                          says("0.5 l1 has no gradient"));
    BOOST_CHECK_THROW(ir::l1(in, 0), ir::usage_error);
    BOOST_CHECK_THROW(ir::l21(in, NAN), ir::usage_error);
    BOOST_CHECK_THROW(ir::huber(in, 0), ir::usage_error);
    BOOST_CHECK_THROW(ir::box(in, 1, 0), ir::usage_error);
    BOOST_CHECK_THROW(ir::make_ball(in, ir::ball_norm::l2, 0), ir::usage_error);
    BOOST_CHECK_THROW((void)ir::scaled(-1, std::make_shared<ir::l1>(in)), ir::usage_error);
    BOOST_CHECK_THROW(ir::l1{wave}, ir::usage_error);
    BOOST_CHECK_THROW(ir::half_square(s.q, in, {{}, vec_of(s, in, {1, -1, 0})}), ir::data_error);
    BOOST_CHECK_THROW((void)ir::separable_sum({}), ir::usage_error);
    const auto other = s.type == ir::precision::f32 ? ir::precision::f64 : ir::precision::f32;
    ir::owned_vec wrong(s.q, in, other);
    BOOST_CHECK_THROW((void)ir::linear_functional(s.q, x).value(s.q, wrong), ir::usage_error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
