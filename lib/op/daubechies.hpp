#pragma once
#include <string>
#include <vector>

#include "op/wavelet_kernel.hpp"

namespace ir {

/// Low-pass filter of the orthogonal wavelet with p vanishing moments and 2 p taps, sum sqrt 2, of
/// the least phase: the factor of the half-band polynomial whose zeros lie within the unit circle.
/// p from 1 (Haar) to 10, else usage_error.
///
/// Source: I. Daubechies, Comm. Pure Appl. Math. 41 (1988) 909-996.
std::vector<double> daubechies(int p);

/// Of a name: haar, db1 ... db10; usage_error.
std::vector<double> wavelet_named(const std::string&);

/// high[m] = (-1)^m low[L - 1 - m]
std::vector<double> mirror_filter(const std::vector<double>& low);

namespace kernel {
/// Both filters times `factor`, as kernels take them.
template <class T>
filter_bank<T> bank_of(const std::vector<double>& low, const std::vector<double>& high,
                       double factor) {
  filter_bank<T> f{static_cast<int>(low.size()), {}, {}};
  for (std::size_t m = 0; m < low.size(); ++m) {
    f.low[m] = T(factor * low[m]);
    f.high[m] = T(factor * high[m]);
  }
  return f;
}
}  // namespace kernel

}  // namespace ir
