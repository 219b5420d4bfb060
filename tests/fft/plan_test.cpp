#include "fft/plan.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <numbers>
#include <thread>
#include <vector>

#include "core/error.hpp"
#include "support/setup.hpp"

namespace {

using ir::fft_kind;
using ir::index_t;

ir::array on(ir::test::setup& s, ir::dtype type, const ir::shape& n, const std::vector<double>& v) {
  ir::array a(s.q, type, n);
  const ir::dtype reals = ir::real_type(s.type);
  const ir::shape flat{static_cast<index_t>(v.size())};
  ir::copy(s.q, ir::cref(v.data(), ir::dtype::f64, flat),
           ir::ref(a.get().data, reals, flat, s.q.where()));
  s.q.synchronize();
  return a;
}

std::vector<double> reals_of(ir::test::setup& s, const ir::array& a) {
  const ir::cref r = a.get();
  std::vector<double> v(static_cast<std::size_t>(r.bytes() / ir::size_of(ir::real_type(s.type))));
  const ir::shape flat{static_cast<index_t>(v.size())};
  ir::copy(s.q, ir::cref(r.data, ir::real_type(s.type), flat, r.where),
           ir::ref(v.data(), ir::dtype::f64, flat));
  s.q.synchronize();
  return v;
}

std::vector<double> ramp(index_t n) {
  std::vector<double> v;
  for (index_t i = 0; i < n; ++i) v.push_back(std::sin(0.7 * static_cast<double>(i * i % 101)));
  return v;
}

double difference(const std::vector<double>& a, const std::vector<double>& b) {
  BOOST_REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fft_plan)

BOOST_AUTO_TEST_CASE(a_real_transform_of_four_numbers_has_the_values_computed_by_hand) {
  for (ir::test::setup& s : ir::test::setups()) {
    const auto plan =
        ir::fft_plan::get(ir::contiguous_fft(fft_kind::r2c, s.type, {4}), s.q.where());
    const ir::array x = on(s, ir::real_type(s.type), {4}, {1, 2, 3, 4});
    ir::array y(s.q, ir::complex_type(s.type), {3});

    plan->run(s.q, x.get(), y.get());

    BOOST_TEST(reals_of(s, y) == (std::vector<double>{10, 0, -2, 2, -2, 0}),
               boost::test_tools::tolerance(1e-6) << boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_three_dimensional_round_trip_gives_the_data_times_their_number) {
  for (ir::test::setup& s : ir::test::setups())
    for (const ir::shape& n : {ir::shape{6, 10, 9}, ir::shape{1, 7, 8}, ir::shape{5, 1, 1}}) {
      const ir::shape half{n[0], n[1], n[2] / 2 + 1};
      const std::vector<double> values = ramp(n.count());
      ir::array x = on(s, ir::real_type(s.type), n, values);
      ir::array y(s.q, ir::complex_type(s.type), half);

      ir::fft_plan::get(ir::contiguous_fft(fft_kind::r2c, s.type, n), s.q.where())
          ->run(s.q, x.get(), y.get());
      ir::fft_plan::get(ir::contiguous_fft(fft_kind::c2r, s.type, n), s.q.where())
          ->consume(s.q, y.get(), x.get());

      std::vector<double> back = reals_of(s, x);
      for (double& v : back) v /= static_cast<double>(n.count());
      BOOST_TEST(difference(back, values) <= 8 * ir::test::epsilon(s.type));
    }
}

BOOST_AUTO_TEST_CASE(strided_columns_are_transformed_in_place_and_their_neighbours_are_kept) {
  for (ir::test::setup& s : ir::test::setups()) {
    // Columns 0 and 1 of a (3, 4) array of complex ones: (1, 1, 1) becomes (3, 0, 0).
    std::vector<double> values(24, 1.0);
    ir::array x = on(s, ir::complex_type(s.type), {3, 4}, values);
    const ir::fft_spec spec{fft_kind::forward, s.type, {{3, 4, 4}}, {{2, 1, 1}}};

    ir::fft_plan::get(spec, s.q.where())->run(s.q, x.get(), x.get());

    for (std::size_t row = 0; row < 3; ++row)
      for (std::size_t column = 0; column < 4; ++column)
        for (std::size_t part = 0; part < 2; ++part)
          values[(row * 4 + column) * 2 + part] = column > 1 ? 1 : row == 0 ? 3 : 0;
    BOOST_TEST(difference(reals_of(s, x), values) <= 8 * ir::test::epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(cosine_transforms_follow_their_formula_and_are_inverse) {
  for (ir::test::setup& s : ir::test::setups()) {
    const index_t n = 6;
    const auto spec = [&](fft_kind k) { return ir::contiguous_fft(k, s.type, {n}); };
    if (s.q.where().kind != ir::device::cpu) {
      BOOST_CHECK_THROW(ir::fft_plan::get(spec(fft_kind::dct2), s.q.where()), ir::device_error);
      continue;
    }
    const std::vector<double> values = ramp(n);
    ir::array x = on(s, ir::real_type(s.type), {n}, values), y(s.q, ir::real_type(s.type), {n});

    ir::fft_plan::get(spec(fft_kind::dct2), s.q.where())->run(s.q, x.get(), y.get());

    std::vector<double> expected;
    for (index_t k = 0; k < n; ++k) {
      double sum = 0;
      for (index_t j = 0; j < n; ++j)
        sum += 2 * values[static_cast<std::size_t>(j)] *
               std::cos(std::numbers::pi * (static_cast<double>(j) + 0.5) * static_cast<double>(k) /
                        static_cast<double>(n));
      expected.push_back(sum);
    }
    BOOST_TEST(difference(reals_of(s, y), expected) <= 128 * ir::test::epsilon(s.type));

    ir::fft_plan::get(spec(fft_kind::dct3), s.q.where())->run(s.q, y.get(), x.get());

    std::vector<double> back = reals_of(s, x);
    for (double& v : back) v /= 2 * static_cast<double>(n);
    BOOST_TEST(difference(back, values) <= 8 * ir::test::epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(a_plan_is_made_once_and_used_by_many_threads) {
  for (ir::test::setup& s : ir::test::setups()) {
    const auto spec = ir::contiguous_fft(fft_kind::forward, s.type, {128, 128});
    const auto plan = ir::fft_plan::get(spec, s.q.where());
    BOOST_TEST(plan.get() == ir::fft_plan::get(spec, s.q.where()).get());
    const std::vector<double> values = ramp(2 * 128 * 128);
    std::vector<std::vector<double>> results(4);

    std::vector<std::thread> threads;
    for (auto& result : results)
      threads.emplace_back([&] {
        ir::test::setup own(s.name, s.type, s.q.where());
        const ir::array x = on(own, ir::complex_type(own.type), {128, 128}, values);
        ir::array y(own.q, ir::complex_type(own.type), {128, 128});
        plan->run(own.q, x.get(), y.get());
        result = reals_of(own, y);
      });
    for (std::thread& t : threads) t.join();

    for (const auto& result : results) BOOST_TEST((result == results.front()));
  }
}

BOOST_AUTO_TEST_CASE(wrong_arrays_and_specs_are_usage_errors) {
  ir::test::setup s("cpu", ir::precision::f32, ir::device{});
  const auto plan = ir::fft_plan::get(ir::contiguous_fft(fft_kind::r2c, s.type, {8}), {});
  ir::array x(s.q, ir::dtype::f32, {8}), y(s.q, ir::dtype::c64, {5}),
      small(s.q, ir::dtype::c64, {4});

  BOOST_CHECK_THROW(plan->run(s.q, x.get(), small.get()), ir::usage_error);
  BOOST_CHECK_THROW(plan->run(s.q, y.get(), y.get()), ir::usage_error);
  BOOST_CHECK_THROW(plan->run(s.q, x.get(), x.get()), ir::usage_error);
  BOOST_CHECK_THROW(ir::fft_plan::get({fft_kind::r2c, s.type, {}, {}}, {}), ir::usage_error);
  BOOST_CHECK_THROW(ir::fft_plan::get({fft_kind::r2c, s.type, {{0, 1, 1}}, {}}, {}),
                    ir::usage_error);
  const auto back = ir::fft_plan::get(ir::contiguous_fft(fft_kind::c2r, s.type, {8}), {});
  BOOST_CHECK_THROW(back->run(s.q, y.get(), x.get()), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fast_length)

BOOST_AUTO_TEST_CASE(lengths_are_smooth_not_shorter_and_not_much_longer) {
  for (const auto kind : {ir::device::cpu, ir::device::cuda})
    for (index_t n = 0; n <= 5000; ++n) {
      const index_t padded = ir::fast_length(n, {kind, 0});
      BOOST_TEST(padded >= n);
      BOOST_TEST(ir::is_fast_length(padded));
      if (n >= 8) BOOST_TEST(padded <= n + n / 4);
    }
}

BOOST_AUTO_TEST_CASE(the_cheapest_of_the_neighbours_is_taken) {
  BOOST_TEST(ir::fast_length(94, {}) == 96);
  BOOST_TEST(ir::fast_length(286, {}) == 288);
  const ir::index_t absurd = (ir::index_t{1} << 52) + 1;  // found in no more time
  BOOST_TEST(ir::is_fast_length(ir::fast_length(absurd, {})));
  BOOST_TEST(ir::fast_length(absurd, {}) >= absurd);
  BOOST_TEST(ir::fast_length(575, {}) == 576);
  BOOST_TEST(ir::fast_length(256, {}) == 256);
  BOOST_TEST(!ir::is_fast_length(286));
}

BOOST_AUTO_TEST_SUITE_END()
