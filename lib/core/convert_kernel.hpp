#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "core/dtype.hpp"
#include "core/nd_view.hpp"

namespace ir::kernel {

/// An IEEE binary16 as it lies in memory.
struct half {
  std::uint16_t bits;
};

template <class To, class From>
IR_HD To bits_as(From from) noexcept {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

/// Exact.
IR_HD inline float to_float(half h) noexcept {
  const std::uint32_t sign = std::uint32_t(h.bits & 0x8000u) << 16;
  const std::uint32_t rest = h.bits & 0x7fffu;
  if (rest >= 0x7c00u)  // infinity, NaN
    return bits_as<float>(sign | 0x7f800000u | (rest & 0x3ffu) << 13);
  // Subnormals too: the exponent of 2^-112 is added by a multiplication.
  return bits_as<float>(sign | bits_as<std::uint32_t>(bits_as<float>(rest << 13) * 0x1p112f));
}

/// Rounds half to even; beyond 65504 (rounded) to infinity. One rounding, from double.
IR_HD inline half to_half(double v) noexcept {
  const auto bits = bits_as<std::uint64_t>(v);
  const auto sign = std::uint16_t(bits >> 48 & 0x8000u);
  const std::uint64_t magnitude = bits & 0x7fffffffffffffffu;
  if (magnitude > 0x7ff0000000000000u) return {std::uint16_t(sign | 0x7e00u)};  // NaN
  const double a = bits_as<double>(magnitude);
  if (a >= 65520.0) return {std::uint16_t(sign | 0x7c00u)};
  if (a < 0x1p-14) {
    // Adding 2^28 leaves a multiple of 2^-24, the spacing of subnormals, rounded to even.
    const auto units = std::uint16_t((a + 0x1p28 - 0x1p28) * 0x1p24);
    return {std::uint16_t(sign | units)};
  }
  const std::uint64_t odd = magnitude >> 42 & 1;
  const std::uint64_t rounded = magnitude + (std::uint64_t{1} << 41) - 1 + odd;
  const auto rest = std::uint16_t((rounded >> 42) - (std::uint64_t{1023 - 15} << 10));
  return {std::uint16_t(sign | rest)};
}

template <class T>
IR_HD double to_double(T v) noexcept {
  if constexpr (sizeof(T) == 2 && !std::is_integral_v<T>)
    return double(to_float(v));
  else
    return double(v);
}

/// The nearest value that T has. Integers: half to even, then the nearest end of the range; NaN
/// becomes 0.
template <class T>
IR_HD T from_double(double v) noexcept {
  if constexpr (std::is_same_v<T, half>) {
    return to_half(v);
  } else if constexpr (std::is_integral_v<T>) {
    constexpr bool is_signed = T(-1) < T(0);
    constexpr double high = double((std::uint64_t{1} << (8 * sizeof(T) - is_signed)) - 1);
    constexpr double low = is_signed ? -high - 1 : 0;
    // Below 2^51 the sum has no room for a fraction, so adding rounds, half to even.
    constexpr double no_fraction = 0x1.8p52;
    v = v < low ? low : v;
    v = v > high ? high : v;
    v = v == v ? v : 0;
    using wide = std::conditional_t<sizeof(T) == 4, std::int64_t, std::int32_t>;
    return T(wide(v + no_fraction - no_fraction));
  } else {
    return T(v);
  }
}

/// f.template operator()<T>() for the type of a real dtype; for a complex one, that of its parts.
template <class F>
IR_HD void with_part(dtype t, const F& f) noexcept {
  switch (t) {
    case dtype::u8:
      return f.template operator()<std::uint8_t>();
    case dtype::i8:
      return f.template operator()<std::int8_t>();
    case dtype::u16:
      return f.template operator()<std::uint16_t>();
    case dtype::i16:
      return f.template operator()<std::int16_t>();
    case dtype::u32:
      return f.template operator()<std::uint32_t>();
    case dtype::i32:
      return f.template operator()<std::int32_t>();
    case dtype::f16:
      return f.template operator()<half>();
    case dtype::f32:
    case dtype::c64:
      return f.template operator()<float>();
    case dtype::f64:
    case dtype::c128:
      return f.template operator()<double>();
  }
}

/// One part (a real, or half of a complex number) of any type to any other, by way of a double.
/// Reads 1, writes 1, or 2 where a real number becomes a complex one.
struct convert {
  const void* from;
  dtype from_type;
  void* to;
  dtype to_type;
  bool widen;  // from real to complex

  IR_HD void operator()(index_t i) const noexcept {
    double v = 0;
    with_part(from_type, load{from, i, &v});
    with_part(to_type, store{to, widen ? 2 * i : i, v});
    if (widen) with_part(to_type, store{to, 2 * i + 1, 0});
  }

 private:
  // Functors: nvcc takes no template lambda in code that both sides run.
  struct load {
    const void* from;
    index_t i;
    double* v;
    template <class T>
    IR_HD void operator()() const noexcept {
      *v = to_double(static_cast<const T*>(from)[i]);
    }
  };
  struct store {
    void* to;
    index_t i;
    double v;
    template <class T>
    IR_HD void operator()() const noexcept {
      static_cast<T*>(to)[i] = from_double<T>(v);
    }
  };
};

}  // namespace ir::kernel
