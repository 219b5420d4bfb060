#pragma once
#include <cmath>

#include "core/nd_view.hpp"

namespace ir::kernel {

/// Counter-based random numbers: a number is a function of (seed, frame, index, draw), so tiles,
/// threads, devices and ranks change nothing. The generator is Philox4x32-10.
///
/// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as
/// 1, 2, 3, SC11 (2011).
struct random_words {
  std::uint32_t w[4];
};
struct random_key {
  std::uint32_t k[2];
};

IR_HD inline random_words philox(random_words c, random_key key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * c.w[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * c.w[2];
    c = {{std::uint32_t(b >> 32) ^ c.w[1] ^ key.k[0], std::uint32_t(b),
          std::uint32_t(a >> 32) ^ c.w[3] ^ key.k[1], std::uint32_t(a)}};
    key.k[0] += 0x9E3779B9u;  // golden ratio
    key.k[1] += 0xBB67AE85u;  // sqrt(3) - 1
  }
  return c;
}

/// The key of one frame: the generator itself keeps the keys of different frames apart.
IR_HD inline random_key frame_key(std::uint64_t seed, index_t frame) noexcept {
  const random_key k{{std::uint32_t(seed), std::uint32_t(seed >> 32)}};
  const auto f = std::uint64_t(frame);
  const random_words w = philox({{std::uint32_t(f), std::uint32_t(f >> 32), 0, 0}}, k);
  return {{w.w[0], w.w[1]}};
}

/// Two numbers in (0, 1), odd multiples of 2^-53: 52 random bits each.
struct uniform_pair {
  double u, v;
};
IR_HD inline uniform_pair uniforms(random_key key, index_t index, index_t draw = 0) noexcept {
  const auto i = std::uint64_t(index), d = std::uint64_t(draw);
  const random_words r = philox(
      {{std::uint32_t(i), std::uint32_t(i >> 32), std::uint32_t(d), std::uint32_t(d >> 32)}}, key);
  const auto in_unit = [](std::uint32_t high, std::uint32_t low) {
    return (double((std::uint64_t{high} << 32 | low) >> 12) + 0.5) * 0x1p-52;
  };
  return {in_unit(r.w[0], r.w[1]), in_unit(r.w[2], r.w[3])};
}

/// Standard normal, by G. E. P. Box, M. E. Muller, Ann. Math. Stat. 29 (1958) 610-611; at most 8.5.
IR_HD inline double gaussian(random_key key, index_t index, index_t draw = 0) noexcept {
  const uniform_pair r = uniforms(key, index, draw);
  return std::sqrt(-2 * std::log(r.u)) * std::cos(6.283185307179586 * r.v);
}

/// log(k!) - (k log k - k + log(2 pi k) / 2), k >= 10, to 1e-11: the tail of Stirling's series.
IR_HD inline double stirling_tail(double k) noexcept {
  const double r = 1 / k, r2 = r * r;
  return r * (1.0 / 12 - r2 * (1.0 / 360 - r2 * (1.0 / 1260 - r2 / 1680)));
}

/// log of the Poisson probability of k, exact to rounding for large means too: the large terms are
/// subtracted before they are computed.
IR_HD inline double log_poisson(double k, double mean) noexcept {
  if (k < 10) {
    double factorial = 1;
    for (double i = 2; i <= k; ++i) factorial *= i;
    return k * std::log(mean) - mean - std::log(factorial);
  }
  return -k * std::log1p((k - mean) / mean) + (k - mean) - 0.5 * std::log(6.283185307179586 * k) -
         stirling_tail(k);
}

/// Poisson number of this mean; 0 for a mean <= 0, NaN for NaN. Below 10 by inversion, above by
/// rejection, which takes as many draws as it needs from the element's own sequence.
///
/// Source: W. Hoermann, The transformed rejection method for generating Poisson random variables,
/// Insurance: Mathematics and Economics 12 (1993) 39-45, algorithm PTRS.
IR_HD inline double poisson(random_key key, index_t index, double mean) noexcept {
  if (!(mean > 0)) return mean == mean ? 0 : mean;
  if (mean < 10) {
    const double u = uniforms(key, index).u;
    double k = 0, p = std::exp(-mean), sum = p;
    while (u > sum && k < 200) sum += p *= mean / ++k;
    return k;
  }
  const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
  for (index_t draw = 0;; ++draw) {
    const uniform_pair r = uniforms(key, index, draw);
    const double u = r.u - 0.5, us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && r.v <= v_r) return k;
    if (k < 0 || (us < 0.013 && r.v > us)) continue;
    if (std::log(r.v * inverse_alpha / (a / (us * us) + b)) <= log_poisson(k, mean)) return k;
  }
}

/// y = a number in (0, 1). Writes 1.
template <class T>
struct random_uniform {
  T* y;
  random_key key;
  index_t first;
  IR_HD void operator()(index_t i) const noexcept { y[i] = T(uniforms(key, first + i).u); }
};

/// y += sigma * a standard normal number. Reads 1, writes 1.
template <class T>
struct add_gaussian {
  T* y;
  random_key key;
  index_t first;
  double sigma;
  IR_HD void operator()(index_t i) const noexcept {
    y[i] = T(double(y[i]) + sigma * gaussian(key, first + i));
  }
};

/// y = gain * a Poisson number of mean y / gain. Reads 1, writes 1.
template <class T>
struct poisson_of {
  T* y;
  random_key key;
  index_t first;
  double gain;
  IR_HD void operator()(index_t i) const noexcept {
    y[i] = T(gain * poisson(key, first + i, double(y[i]) / gain));
  }
};

}  // namespace ir::kernel
