#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include "core/nd_view.hpp"

namespace ir::kernel {

/// a b + c: rounded once (Fused, where the processor does that), or twice.
template <bool Fused>
IR_HD inline float multiply_add(float a, float b, float c) noexcept {
  if constexpr (Fused)
    return __builtin_fmaf(a, b, c);
  else
    return a * b + c;
}

/// Natural logarithm of a positive, normal number within 2 ulp (0.8 measured over a million in
/// [1e-6, 16]); branch-free; of others some number. x = 2^e m with m in [sqrt 1/2, sqrt 2), then S.
/// Moshier's polynomial (Cephes, logf) in m - 1.
template <bool Fused = false>
IR_HD inline float fast_log(float x) noexcept {
  constexpr std::uint32_t sqrt_half = 0x3f3504f3u;
  std::uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits -= sqrt_half;
  const auto e = static_cast<float>(static_cast<std::int32_t>(bits) >> 23);
  bits = (bits & 0x007fffffu) + sqrt_half;
  float f;
  memcpy(&f, &bits, sizeof f);
  f -= 1;
  const float z = f * f;
  float y = 7.0376836292e-2f;
  y = multiply_add<Fused>(y, f, -1.1514610310e-1f);
  y = multiply_add<Fused>(y, f, 1.1676998740e-1f);
  y = multiply_add<Fused>(y, f, -1.2420140846e-1f);
  y = multiply_add<Fused>(y, f, 1.4249322787e-1f);
  y = multiply_add<Fused>(y, f, -1.6668057665e-1f);
  y = multiply_add<Fused>(y, f, 2.0000714765e-1f);
  y = multiply_add<Fused>(y, f, -2.4999993993e-1f);
  y = multiply_add<Fused>(y, f, 3.3333331174e-1f);
  y = multiply_add<Fused>(z, multiply_add<Fused>(y, f, -0.5f), e * -2.12194440e-4f);
  return multiply_add<Fused>(e, 0.693359375f, f + y);
}
template <bool Fused = false>
IR_HD inline double fast_log(double x) noexcept {
  return log(x);
}

/// What flat field counts in one sum: a value below the least transmission is 1, one that is no
/// number (or lies on a dead pixel) this.
inline constexpr double unusable_value = 1 << 26;

/// One line: out = t or -log(max(t, least)), t = (in - dark) gain, with gain = 1 / (flat - dark),
/// NaN on dead pixels; NaN where t is no number. Returns what is counted. Reads 3, writes 1, 28
/// flop.
template <class In, class T>
struct flatfield_line {
  const In* in;
  const T *dark, *gain;
  T* out;
  T least;
  bool log;

  IR_HD double operator()(index_t i) const noexcept {
    const T t = (static_cast<T>(in[i]) - dark[i]) * gain[i];
    const T zero = t - t;  // NOLINT: or no number, which the sums below keep
    const bool usable = zero == 0, low = log && usable && t < least;
    if (log)
      out[i] = zero - fast_log(low || !usable ? least : t);
    else
      out[i] = zero + t;
    return (usable ? 0.0 : unusable_value) + (low ? 1.0 : 0.0);
  }
};

/// The same for element i of `nx` a line; line j of the part belongs to line
/// (first + j) / inner % rows of the references, or to line `row` where that is not negative.
template <class In, class T>
struct flatfield_part {
  flatfield_line<In, T> line;
  index_t nx, first, inner, rows, row;

  IR_HD index_t reference(index_t j) const noexcept {
    return row >= 0 ? row : (first + j) / inner % rows;
  }
  IR_HD double operator()(index_t i) const noexcept {
    const index_t j = i / nx, begin = j * nx, from = reference(j) * nx;
    return flatfield_line<In, T>{line.in + begin,  line.dark + from, line.gain + from,
                                 line.out + begin, line.least,       line.log}(i - begin);
  }
};

}  // namespace ir::kernel
