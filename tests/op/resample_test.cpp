#include "op/resample.hpp"

#include <boost/test/unit_test.hpp>

#include "op/registry.hpp"
#include "support/dense_svd.hpp"
#include "support/operator_laws.hpp"
#include "support/operator_values.hpp"

namespace {

using ir::antialias;
using ir::boundary;
using ir::interpolation;
using ir::op_ptr;
using ir::space;
using ir::test::check_values;
using ir::test::setup;

constexpr boundary rules[] = {boundary::circular, boundary::zero, boundary::reflect,
                              boundary::edge};

std::vector<op_ptr> all_of(setup& s, const space& n) {
  std::vector<op_ptr> all{ir::make_crop(s.q, n, {1}, {-1}, s.type), ir::make_sum(s.q, n, 0, s.type),
                          ir::make_sum(s.q, n, -1, s.type)};
  for (const boundary b : rules) all.push_back(ir::make_pad(s.q, n, {2}, {3}, b, s.type));
  for (const auto how : {antialias::none, antialias::mean, antialias::gaussian})
    all.push_back(ir::make_downsample(s.q, n, {2}, how, s.type));
  for (const auto how : {interpolation::none, interpolation::repeat, interpolation::linear})
    all.push_back(ir::make_upsample(s.q, n, {3}, how, s.type));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(resample)

BOOST_AUTO_TEST_CASE(laws_hold_on_odd_degenerate_complex_and_batched_spaces) {
  for (setup& s : ir::test::setups())
    for (const space& n : {space({5, 7, 3}), space({8, 9}), space({1, 1, 1}), space({13}),
                           space({4, 3}, ir::field::complex), space({2, 6, 5}, {}, 2)})
      for (const op_ptr& A : all_of(s, n))
        BOOST_TEST_CONTEXT(s.name << ' ' << A->name() << ' ' << n)
  ir::test::check_operator_laws(s, *A);
}

BOOST_AUTO_TEST_CASE(norms_are_exact_for_every_mode) {
  setup s("f64", ir::precision::f64, {});
  for (const space& n :
       {space({3, 4}), space({7}), space({1, 2}), space({2, 2}, ir::field::complex)})
    for (const op_ptr& A : all_of(s, n)) BOOST_TEST_CONTEXT(A->name() << ' ' << n) {
        const ir::bound b = *A->norm();
        ir::test::check_norm_bounds(s, *A);
        BOOST_TEST(b.upper - b.lower <= 1e-3 * b.upper);
      }
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : ir::test::setups()) {
    const space four({4}), five({5}), square({2, 2});
    const std::vector<double> x{1, 2, 3, 4}, longer{1, 2, 3, 4, 5};
    const auto padded = [&](boundary b, const std::vector<double>& y) {
      check_values(s, *ir::make_pad(s.q, four, {2}, {1}, b, s.type), x, y);
    };
    const auto finer = [&](interpolation i, const std::vector<double>& y) {
      check_values(s, *ir::make_upsample(s.q, four, {2}, i, s.type), x, y);
    };
    const auto coarser = [&](antialias a, const std::vector<double>& from,
                             const std::vector<double>& y) {
      check_values(s, *ir::make_downsample(s.q, five, {2}, a, s.type), from, y);
    };

    padded(boundary::zero, {0, 0, 1, 2, 3, 4, 0});
    padded(boundary::edge, {1, 1, 1, 2, 3, 4, 4});
    padded(boundary::reflect, {2, 1, 1, 2, 3, 4, 4});
    padded(boundary::circular, {3, 4, 1, 2, 3, 4, 1});
    check_values(s, *ir::make_crop(s.q, four, {2}, {-1}, s.type), x, {2, 3});
    check_values(s, *ir::make_crop(s.q, four, {2}, {0}, s.type), x, {1, 2});
    coarser(antialias::none, longer, {1, 3, 5});
    coarser(antialias::mean, longer, {1.5, 3.5, 5});
    coarser(antialias::gaussian, {7, 7, 7, 7, 7}, {7, 7, 7});
    finer(interpolation::none, {1, 0, 2, 0, 3, 0, 4, 0});
    finer(interpolation::repeat, {1, 1, 2, 2, 3, 3, 4, 4});
    finer(interpolation::linear, {1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4});
    check_values(s, *ir::make_sum(s.q, square, 0, s.type), x, {4, 6});
    check_values(s, *ir::make_sum(s.q, square, -1, s.type), x, {3, 7});
  }
}

BOOST_AUTO_TEST_CASE(traits_and_closed_norms_are_known) {
  setup s("f64", ir::precision::f64, {});
  const space n({6, 6});
  const auto square_of = [](const op_ptr& A) { return std::pow(A->norm()->upper, 2); };
  const auto tight = boost::test_tools::tolerance(1e-9);

  BOOST_TEST(*ir::make_crop(s.q, n, {3}, {0}, s.type)->properties().semi_orthogonal == 1);
  BOOST_TEST(*ir::make_pad(s.q, n, {3}, {1}, boundary::zero, s.type)->properties().isometric == 1);
  BOOST_TEST(
      *ir::make_upsample(s.q, n, {3}, interpolation::repeat, s.type)->properties().isometric == 9);
  BOOST_TEST(square_of(ir::make_sum(s.q, n, 0, s.type)) == 6, tight);
  // An edge element stands for itself and 3 beyond it, on both axes.
  BOOST_TEST(square_of(ir::make_pad(s.q, n, {3}, {3}, boundary::edge, s.type)) == 16, tight);
  BOOST_TEST(square_of(ir::make_pad(s.q, n, {3}, {3}, boundary::circular, s.type)) == 4, tight);
  BOOST_TEST(square_of(ir::make_downsample(s.q, n, {2}, antialias::mean, s.type)) == 0.25, tight);
}

BOOST_AUTO_TEST_CASE(specs_infer_extents_both_ways) {
  const auto spec = [](const char* name, std::vector<std::pair<std::string, ir::argument>> given) {
    const ir::op_entry& e = *ir::find_op(name);
    return e.make(ir::arguments_for(e, std::move(given)));
  };
  const space n({3, 9, 8}, {}, 2);

  BOOST_TEST(spec("downsample", {{"factor", 2.0}})->range_of(n) == space({3, 5, 4}, {}, 2));
  BOOST_TEST(!spec("downsample", {{"factor", 2.0}})->domain_of(n).has_value());
  BOOST_TEST(spec("upsample", {{"factor", 2.0}})->range_of(n) == space({3, 18, 16}, {}, 2));
  BOOST_TEST((spec("upsample", {{"factor", std::vector{3.0, 4.0}}})->domain_of(n) ==
              space({3, 3, 2}, {}, 2)));
  BOOST_TEST(spec("pad", {{"width", 2.0}})->range_of(n) == space({3, 13, 12}, {}, 2));
  BOOST_TEST((spec("pad", {{"width", 2.0}})->domain_of(n) == space({3, 5, 4}, {}, 2)));
  BOOST_TEST(spec("crop", {{"size", 4.0}})->range_of(n) == space({3, 4, 4}, {}, 2));
  BOOST_TEST(spec("sum", {{"axis", 0.0}})->range_of(n) == space({9, 8}));
  BOOST_TEST(spec("sum", {{"axis", -1.0}})->range_of(n) == space({3, 9}, {}, 1));
  BOOST_CHECK_THROW(spec("crop", {{"size", 10.0}})->range_of(n), ir::shape_error);
  BOOST_CHECK_THROW(spec("sum", {{"axis", 3.0}})->range_of(n), ir::shape_error);
  BOOST_CHECK_THROW(spec("upsample", {{"factor", 2.0}})->domain_of(n), ir::shape_error);
  BOOST_CHECK_THROW(spec("pad", {{"width", 2.0}, {"boundary", std::string("round")}}),
                    ir::usage_error);
  BOOST_CHECK_THROW(spec("downsample", {{"factor", 0.0}})->range_of(n), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
