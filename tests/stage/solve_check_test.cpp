// A solution that is still its start is refused where something better is near it, and only there.
#include "stage/solve_check.hpp"

#include <boost/test/unit_test.hpp>

#include "core/error.hpp"
#include "fn/ball.hpp"
#include "fn/box.hpp"
#include "fn/combine.hpp"
#include "fn/half_square.hpp"
#include "fn/l1.hpp"
#include "op/algebra.hpp"
#include "op/difference.hpp"
#include "op/identity.hpp"
#include "support/setup.hpp"

namespace {

using ir::test::setup;

const ir::space line({6});

/// min ||2 x - y||^2 / 2 + ..., and whether x = `value` everywhere is refused as its start.
struct doubled {
  setup& s;
  ir::owned_vec y;
  ir::problem p;

  doubled(setup& in, const std::vector<double>& data)
      : s(in),
        y(ir::test::vec_of(in, line, data)),
        p{line,
          in.type,
          in.q.where(),
          {{1, std::make_shared<ir::half_square>(in.q, line, ir::half_square::data{.centre = y}),
            ir::scale(2, std::make_shared<ir::identity>(line))}}} {}

  bool refused(double value = 0) {
    ir::owned_vec x(s.q, line, s.type);
    ir::fill(s.q, value, x);
    try {
      ir::refuse_start(s.q, p, x, ir::fingerprint(s.q, x), 3);
      return false;
    } catch (const ir::numeric_error& e) {
      BOOST_TEST(std::string(e.what()).starts_with(
          "after 3 iterations the solution is still its start, and"));
      return true;
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(solve_check)

BOOST_AUTO_TEST_CASE(a_start_that_data_would_move_is_refused_and_their_minimum_is_not) {
  for (setup& s : ir::test::setups()) {
    BOOST_TEST(doubled(s, {1, 2, 0, -1, 3, 1}).refused());
    BOOST_TEST(!doubled(s, {0, 0, 0, 0, 0, 0}).refused());
    BOOST_TEST(!doubled(s, {4, 4, 4, 4, 4, 4}).refused(2));
    BOOST_TEST(doubled(s, {4, 4, 4, 4, 4, 4.1}).refused(2));
  }
}

BOOST_AUTO_TEST_CASE(a_regulariser_or_a_constraint_that_holds_the_start_is_heard) {
  for (setup& s : ir::test::setups()) {
    doubled held(s, {1, 2, 0, -1, 3, 1}), free(s, {1, 2, 0, -1, 3, 1}),
        flat(s, {1, 2, 0, -1, 3, 1}), negative(s, {-1, -2, 0, -1, -3, -1});
    held.p.regularisers.push_back({7, std::make_shared<ir::l1>(line)});
    free.p.regularisers.push_back({1, std::make_shared<ir::l1>(line)});
    const auto G = std::make_shared<ir::gradient>(line);
    flat.p.regularisers.push_back({1000, std::make_shared<ir::l1>(G->range()), G});
    negative.p.constraint = std::make_shared<ir::box>(line, 0, 10);

    BOOST_TEST(!held.refused());
    BOOST_TEST(free.refused());
    BOOST_TEST(flat.refused());      // a constant is better than 0
    BOOST_TEST(!flat.refused(0.5));  // the mean of y / 2
    BOOST_TEST(!negative.refused());
  }
}

BOOST_AUTO_TEST_CASE(a_start_outside_the_constraint_is_no_solution) {
  for (setup& s : ir::test::setups()) {
    doubled d(s, {1, 2, 0, -1, 3, 1});
    d.p.fidelities[0].f = ir::shifted(s.q, ir::make_ball(line, ir::ball_norm::l2, 1), d.y);

    BOOST_TEST(d.refused());

    d.p.fidelities[0].f = ir::shifted(s.q, ir::make_ball(line, ir::ball_norm::l2, 5), d.y);
    BOOST_TEST(!d.refused());
  }
}

BOOST_AUTO_TEST_CASE(what_has_moved_is_never_looked_at) {
  for (setup& s : ir::test::setups()) {
    doubled d(s, {1, 2, 0, -1, 3, 1});
    const ir::owned_vec start = ir::test::vec_of(s, line, {0, 0, 0, 0, 0, 1e-6});
    ir::owned_vec x(s.q, line, s.type);

    BOOST_CHECK_NO_THROW(ir::refuse_start(s.q, d.p, x, ir::fingerprint(s.q, start), 1));
  }
}

BOOST_AUTO_TEST_SUITE_END()
