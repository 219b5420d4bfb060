#include "fn/tv_dual.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "fn/tv_plain.hpp"
#include "support/noise_image.hpp"
#include "support/setup.hpp"

namespace {

using ir::index_t;
using ir::shape;

std::vector<double> result_of(ir::test::setup& s, const shape& n,
                              const std::vector<index_t>& parts) {
  const ir::array f = ir::test::uploaded(s, n, ir::test::noisy_steps(n, 5));
  const auto dual = ir::tv_dual::make(s.q, {f.get(), 12, {}, {}, ir::tv_kind::isotropic});
  for (const index_t count : parts) dual->iterate(s.q, count);
  ir::array x(s.q, ir::real_type(s.type), n);
  dual->evaluate(s.q, 0, dual->planes());
  dual->result(s.q, 0, dual->planes(), x.get());
  return ir::test::downloaded(s, x.get());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tv_dual)

// Passes of several iterations, whose trapezoids and triangles meet at seams, do what single
// iterations over the whole image do: to the bit.
BOOST_AUTO_TEST_CASE(iterations_together_are_iterations_one_by_one) {
  for (ir::test::setup& s : ir::test::setups())
    for (const shape& n : {shape{1, 700, 300}, shape{3, 300, 260}, shape{1, 9, 100, 90},
                           shape{1, 70, 3, 5}, shape{2, 5000}})
      BOOST_TEST_CONTEXT(s.name << ' ' << to_string(n))
  BOOST_TEST(result_of(s, n, {19}) == result_of(s, n, std::vector<index_t>(19, 1)),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_gap_falls_to_rounding) {
  for (ir::test::setup& s : ir::test::setups()) {
    const shape n{1, 24, 31};
    const ir::array f = ir::test::uploaded(s, n, ir::test::noisy_steps(n, 5));
    const auto dual = ir::tv_dual::make(s.q, {f.get(), 12, {}, {}, ir::tv_kind::isotropic});
    const double least = s.type == ir::precision::f64 ? 1e-9 : 1e-5;

    const ir::tv_outcome o = ir::tv_solve(s.q, *dual, {least, 20000});

    BOOST_TEST(o.energy.relative() <= least);
    BOOST_TEST(o.iterations < 20000);
  }
}

// What a GPU runs, here on every device, against the fast iterations on threads.
BOOST_AUTO_TEST_CASE(every_device_agrees_within_the_gaps) {
  for (ir::test::setup& s : ir::test::setups())
    for (const ir::tv_kind kind : {ir::tv_kind::isotropic, ir::tv_kind::anisotropic})
      for (const bool maps : {false, true})
        for (const shape& n : {shape{1, 33, 41}, shape{3, 20, 17}, shape{2, 7, 8, 9}, shape{1, 50},
                               shape{1, 1, 30}, shape{1, 30, 1}})
          BOOST_TEST_CONTEXT(s.name << ' ' << to_string(n) << " kind " << int(kind) << maps) {
            const std::vector<double> values = ir::test::noisy_steps(n, 5);
            const shape channel(n.extents().subspan(1));
            std::vector<double> w(static_cast<std::size_t>(channel.count()));
            std::vector<std::uint8_t> ok(w.size());
            for (std::size_t i = 0; i < w.size(); ++i) {
              w[i] = i % 5 < 2 ? 4 : 12;
              ok[i] = i % 11 != 3;
            }
            const auto solved = [&](ir::test::setup& on, bool plain) {
              const ir::array f = ir::test::uploaded(on, n, values);
              const ir::array weights = ir::test::uploaded(on, channel, w);
              ir::array valid(on.q, ir::dtype::u8, channel);
              ir::copy(on.q, ir::cref(ok.data(), ir::dtype::u8, channel), valid.get());
              ir::tv_problem p{f.get(), 12, {}, {}, kind};
              if (maps) {
                p.weights = weights.get();
                p.valid = std::as_const(valid).get();
              }
              const auto dual =
                  plain ? ir::detail::make_tv_plain(on.q, p) : ir::tv_dual::make(on.q, p);
              const ir::tv_outcome o = ir::tv_solve(on.q, *dual, {1e-4, 20000});
              ir::array x(on.q, ir::real_type(on.type), n);
              dual->result(on.q, 0, dual->planes(), x.get());
              return std::pair{ir::test::downloaded(on, x.get()), o.energy};
            };
            ir::test::setup host("host", s.type, {});

            const auto [x, fast] = solved(host, false);
            const auto [y, slow] = solved(s, true);

            BOOST_TEST(fast.relative() <= 1e-4);
            BOOST_TEST(slow.relative() <= 1e-4);
            // Both are within their gap of the minimiser, in the norm of the data terms.
            double distance = 0;
            for (std::size_t i = 0; i < x.size(); ++i)
              if (!maps || ok[i % w.size()] != 0)
                distance += std::pow(x[i] - y[i], 2) / (2 * (maps ? w[i % w.size()] : 12));
            BOOST_TEST(distance <= 2 * (fast.gap + slow.gap) + 1e-6 * fast.primal);
            const double difference = std::abs(fast.primal - slow.primal);
            BOOST_TEST(difference <= 1.01 * (fast.gap + slow.gap) + 1e-6 * fast.primal);
          }
}

BOOST_AUTO_TEST_CASE(energies_of_parts_with_their_seams_add_up_to_the_whole) {
  for (ir::test::setup& s : ir::test::setups())
    for (const bool plain : {false, true})
      for (const shape& n : {shape{2, 21, 13}, shape{1, 9, 5, 6}})
        BOOST_TEST_CONTEXT(s.name << ' ' << to_string(n) << " plain " << plain) {
          const ir::array f = ir::test::uploaded(s, n, ir::test::noisy_steps(n, 5));
          const ir::tv_problem p{f.get(), 12, {}, {}, ir::tv_kind::isotropic};
          const auto dual = plain ? ir::detail::make_tv_plain(s.q, p) : ir::tv_dual::make(s.q, p);
          dual->iterate(s.q, 7);
          const ir::tv_energy whole = dual->evaluate(s.q, 0, n[1]);

          ir::tv_energy sum = dual->evaluate(s.q, 0, 4);
          const ir::tv_seam seam = dual->seam(s.q, 4);
          sum += dual->evaluate(s.q, 4, n[1], &seam);

          const auto near =
              boost::test_tools::tolerance(s.type == ir::precision::f32 ? 1e-5 : 1e-12);
          BOOST_TEST(sum.primal == whole.primal, near);
          BOOST_TEST(sum.misfit == whole.misfit, near);
          BOOST_TEST(sum.gap == whole.gap, near);
        }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_solved_is_refused) {
  ir::queue q;
  const std::vector<float> f(12, 1), map(12, 0);
  const std::vector<std::uint8_t> none(12, 0);
  const shape n{1, 3, 4}, m{3, 4};
  const ir::cref data(f.data(), ir::dtype::f32, n), maps(map.data(), ir::dtype::f32, m),
      mask(none.data(), ir::dtype::u8, m);
  const auto iso = ir::tv_kind::isotropic;
  BOOST_CHECK_THROW(ir::tv_dual::make(q, {data, 0, {}, {}, iso}), ir::usage_error);
  BOOST_CHECK_THROW(ir::tv_dual::make(q, {data, 1, maps, {}, iso}), ir::data_error);
  BOOST_CHECK_THROW(ir::tv_dual::make(q, {data, 1, {}, mask, iso}), ir::data_error);
  BOOST_CHECK_THROW(ir::tv_dual::make(q, {data, 1, data, {}, iso}), ir::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
