#pragma once
#include <cmath>

#include "core/nd_view.hpp"

namespace ir {

/// Transfer function of the discrete Laplacian, negated, along one axis: 2 - 2 cos(2 pi k / n).
IR_HD inline double laplacian_of(index_t k, index_t n) {
  constexpr double two_pi = 6.283185307179586476925;
  return 2 - 2 * std::cos(two_pi * static_cast<double>(k) / static_cast<double>(n));
}

/// h = re + i im becomes conj(h) / (|h|^2 + balance l^2), 0 where that is 0 / 0.
IR_HD inline void invert_by_wiener(double balance, double l, double& re, double& im) {
  const double below = re * re + im * im + balance * l * l;
  re = below > 0 ? re / below : 0;
  im = below > 0 ? -im / below : 0;
}

namespace kernel {

/// spectrum *= table, or its conjugate (sign -1), as interleaved reals. Reads 4, writes 2, 6 flop.
template <class T>
struct multiply_spectrum {
  nd_view<T, 2> spectrum;     // (n, 2)
  nd_view<const T, 2> table;  // (n, 2)
  T sign;

  IR_HD void operator()(index_t i) const noexcept {
    const T a = spectrum(i, 0), b = spectrum(i, 1), c = table(i, 0), d = sign * table(i, 1);
    spectrum(i, 0) = a * c - b * d;
    spectrum(i, 1) = a * d + b * c;
  }
};

/// A table of transfer functions, divided by `points`, becomes that of the Wiener filter.
template <class T>
struct wiener_spectrum {
  nd_view<T, 4> table;  // (lz, ly, lx / 2 + 1, 2)
  index_t lengths[3];   // lz, ly, lx
  double points, balance;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    double re = points * table(k, j, i, 0), im = points * table(k, j, i, 1);
    const double l =
        laplacian_of(k, lengths[0]) + laplacian_of(j, lengths[1]) + laplacian_of(i, lengths[2]);
    invert_by_wiener(balance, l, re, im);
    table(k, j, i, 0) = T(re / points);
    table(k, j, i, 1) = T(im / points);
  }
};

}  // namespace kernel
}  // namespace ir
