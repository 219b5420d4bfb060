#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <limits>
#include <random>

#include "core/array.hpp"
#include "core/convert_kernel.hpp"
#include "core/error.hpp"
#include "support/setup.hpp"

namespace {

using ir::dtype;
using ir::kernel::half;

/// `values` converted to `To` by ir::copy, on the host or through the device of the setup.
template <class To, class From>
std::vector<To> converted(ir::test::setup& s, const std::vector<From>& from, dtype f, dtype t) {
  const ir::shape n{static_cast<ir::index_t>(from.size())};
  ir::array there(s.q, f, n), result(s.q, t, n);
  std::vector<To> out(from.size());
  ir::copy(s.q, ir::cref(from.data(), f, n), there.get());
  ir::copy(s.q, there.get(), result.get());
  ir::copy(s.q, result.get(), ir::ref(out.data(), t, n));
  s.q.synchronize();
  return out;
}

double value_of(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const double magnitude = exponent == 31  ? (mantissa != 0 ? std::nan("") : HUGE_VAL)
                           : exponent == 0 ? std::ldexp(mantissa, -24)
                                           : std::ldexp(1024 + mantissa, exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(copies)

BOOST_AUTO_TEST_CASE(integers_round_half_to_even_and_saturate_and_nan_becomes_zero) {
  for (ir::test::setup& s : ir::test::setups()) {
    const std::vector<float> v{0.5f,   1.5f,  2.5f,  -0.5f,  -1.5f,        254.5f,
                               255.5f, -3.0f, 1e30f, -1e30f, std::nanf("")};

    const auto u8 = converted<std::uint8_t>(s, v, dtype::f32, dtype::u8);
    const auto i8 = converted<std::int8_t>(s, v, dtype::f32, dtype::i8);
    const auto i32 = converted<std::int32_t>(s, v, dtype::f32, dtype::i32);
    const auto u32 = converted<std::uint32_t>(s, v, dtype::f32, dtype::u32);

    const std::vector<int> as_u8{0, 2, 2, 0, 0, 254, 255, 0, 255, 0, 0};
    const std::vector<int> as_i8{0, 2, 2, 0, -2, 127, 127, -3, 127, -128, 0};
    BOOST_TEST(std::vector<int>(u8.begin(), u8.end()) == as_u8, boost::test_tools::per_element());
    BOOST_TEST(std::vector<int>(i8.begin(), i8.end()) == as_i8, boost::test_tools::per_element());
    BOOST_TEST(i32[8] == std::numeric_limits<std::int32_t>::max());
    BOOST_TEST(i32[9] == std::numeric_limits<std::int32_t>::min());
    BOOST_TEST(u32[8] == std::numeric_limits<std::uint32_t>::max());
    BOOST_TEST(u32[10] == 0U);
  }
}

BOOST_AUTO_TEST_CASE(integers_pass_through_wider_types_unchanged) {
  for (ir::test::setup& s : ir::test::setups()) {
    std::vector<std::uint16_t> v(65536);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<std::uint16_t>(i);
    for (const dtype t : {dtype::f32, dtype::f64, dtype::u32, dtype::i32}) {
      const ir::shape n{65536};
      ir::array from(s.q, dtype::u16, n), wide(s.q, t, n), back(s.q, dtype::u16, n);
      std::vector<std::uint16_t> out(v.size());

      ir::copy(s.q, ir::cref(v.data(), dtype::u16, n), from.get());
      ir::copy(s.q, from.get(), wide.get());
      ir::copy(s.q, wide.get(), back.get());
      ir::copy(s.q, back.get(), ir::ref(out.data(), dtype::u16, n));
      s.q.synchronize();

      BOOST_TEST((out == v), "through " << name_of(t));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_half_is_decoded_exactly_and_encoded_to_itself) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const half h{static_cast<std::uint16_t>(bits)};
    const double expected = value_of(h.bits);

    const double got = to_float(h);
    const half again = ir::kernel::to_half(got);

    if (std::isnan(expected)) {
      BOOST_REQUIRE(std::isnan(got));
      BOOST_REQUIRE(std::isnan(value_of(again.bits)));
    } else {
      BOOST_REQUIRE_EQUAL(got, expected);
      BOOST_REQUIRE_EQUAL(again.bits, h.bits);
    }
  }
}

BOOST_AUTO_TEST_CASE(halves_are_the_nearest_and_ties_go_to_even) {
  using ir::kernel::to_half;
  BOOST_TEST(to_half(1 + 0x1p-11).bits == to_half(1).bits);           // tie, down to even
  BOOST_TEST(to_half(1 + 3 * 0x1p-11).bits == to_half(1).bits + 2);   // tie, up to even
  BOOST_TEST(to_half(1 + 0x1.0001p-11).bits == to_half(1).bits + 1);  // above the tie
  BOOST_TEST(to_half(0x1p-25).bits == 0);                             // half the least subnormal
  BOOST_TEST(to_half(0x1.0001p-25).bits == 1);
  BOOST_TEST(to_half(65519.99).bits == 0x7bff);
  BOOST_TEST(to_half(65520).bits == 0x7c00);
  BOOST_TEST(to_half(-1e300).bits == 0xfc00);
  BOOST_TEST(to_half(-0.0).bits == 0x8000);

  std::mt19937_64 random(5);
  for (int i = 0; i < 100000; ++i) {
    const double v = std::ldexp(static_cast<double>(random() >> 11) * 0x1p-53,
                                static_cast<int>(random() % 45) - 28);
    const std::uint16_t h = to_half(v).bits;
    const double error = std::abs(value_of(h) - v);
    if (h < 0x7bff) BOOST_REQUIRE_LE(error, std::abs(value_of(std::uint16_t(h + 1)) - v));
    if (h > 0 && h < 0x7c00) BOOST_REQUIRE_LE(error, std::abs(value_of(std::uint16_t(h - 1)) - v));
  }
}

BOOST_AUTO_TEST_CASE(halves_travel_as_arrays) {
  for (ir::test::setup& s : ir::test::setups()) {
    const std::vector<double> v{0, 1, -2.5, 1e-7, 65504, 1e6};

    const auto h = converted<std::uint16_t>(s, v, dtype::f64, dtype::f16);
    const auto back = converted<float>(s, h, dtype::f16, dtype::f32);

    const std::vector<std::uint16_t> bits{0, 0x3c00, 0xc100, 2, 0x7bff, 0x7c00};
    BOOST_TEST(h == bits, boost::test_tools::per_element());
    BOOST_TEST(back[2] == -2.5f);
    BOOST_TEST(back[3] == 0x1p-23f);
  }
}

BOOST_AUTO_TEST_CASE(real_values_become_complex_and_complex_ones_change_precision) {
  for (ir::test::setup& s : ir::test::setups()) {
    std::vector<std::int16_t> v(1030);  // more than a piece
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<std::int16_t>(i * 31);

    const auto c = converted<std::complex<float>>(s, v, dtype::i16, dtype::c64);
    const auto wide = converted<std::complex<double>>(s, c, dtype::c64, dtype::c128);

    for (std::size_t i = 0; i < v.size(); ++i)
      BOOST_REQUIRE_EQUAL(wide[i], std::complex<double>(v[i], 0));
  }
}

BOOST_AUTO_TEST_CASE(complex_to_real_and_other_extents_are_refused) {
  for (ir::test::setup& s : ir::test::setups()) {
    ir::array c(s.q, dtype::c64, {4}), r(s.q, dtype::f32, {4}), other(s.q, dtype::f32, {2, 2});

    BOOST_CHECK_THROW(ir::copy(s.q, c.get(), r.get()), ir::usage_error);
    BOOST_CHECK_THROW(ir::copy(s.q, r.get(), other.get()), ir::shape_error);
  }
}

BOOST_AUTO_TEST_CASE(empty_arrays_are_copied) {
  for (ir::test::setup& s : ir::test::setups()) {
    ir::array a(s.q, dtype::u8, {0, 3}), b(s.q, dtype::f64, {0, 3});

    BOOST_CHECK_NO_THROW(ir::copy(s.q, a.get(), b.get()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
