#pragma once
#include <bit>
#include <cstdint>

namespace ir::detail {

/// Smallest binary exponent that weights know: 2^-100 is as good as 0 beside a weight of 1.
inline constexpr float nlm_least_exponent = -100;

/// a * b + c, rounded once where the processor has it (Fused), else twice.
template <bool Fused>
[[gnu::always_inline]] inline float multiply_add(float a, float b, float c) {
  if constexpr (Fused)
    return __builtin_fmaf(a, b, c);
  else
    return a * b + c;
}

/// 2^u for u in [nlm_least_exponent, 0], relative error <= 4e-6: u = n + f with n whole and
/// |f| <= 1/2, a minimax polynomial of degree 4 for 2^f, n added to the exponent's bits.
template <bool Fused>
[[gnu::always_inline]] inline float nlm_exp2(float u) {
  constexpr float whole = 0x1.8p23F;  // beside it a float has no fraction
  const float shifted = u + whole;
  const float f = u - (shifted - whole);
  float p = 0.009570102207362652F;
  p = multiply_add<Fused>(p, f, 0.05591786280274391F);
  p = multiply_add<Fused>(p, f, 0.240247443318367F);
  p = multiply_add<Fused>(p, f, 0.6931217908859253F);
  p = multiply_add<Fused>(p, f, 0.9999992847442627F);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) +
                              (std::bit_cast<std::uint32_t>(shifted) << 23));
}

}  // namespace ir::detail
