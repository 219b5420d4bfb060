#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// y = a. Writes 1.
template <class T>
struct fill {
  T* y;
  T a;
  IR_HD void operator()(index_t i) const noexcept { y[i] = a; }
};

/// y = a + 0i, as pairs of reals. Writes 1.
template <class T>
struct fill_complex {
  T* y;
  T a;
  IR_HD void operator()(index_t i) const noexcept { y[i] = i % 2 == 0 ? a : T(0); }
};

/// y = a y. Reads 1, writes 1, 1 flop.
template <class T>
struct scale {
  T* y;
  T a;
  IR_HD void operator()(index_t i) const noexcept { y[i] *= a; }
};

/// y = w y. Reads 2, writes 1, 1 flop.
template <class T>
struct multiply {
  const T* w;
  T* y;
  IR_HD void operator()(index_t i) const noexcept { y[i] *= w[i]; }
};

/// y = a x. Reads 1, writes 1, 1 flop.
template <class T>
struct scaled_copy {
  const T* x;
  T* y;
  T a;
  IR_HD void operator()(index_t i) const noexcept { y[i] = a * x[i]; }
};

/// y = a x + b y. Reads 2, writes 1, 3 flop.
template <class T>
struct axpby {
  const T* x;
  T* y;
  T a, b;
  IR_HD void operator()(index_t i) const noexcept { y[i] = a * x[i] + b * y[i]; }
};

/// The term of <x, y>. Reads 2, 2 flop.
template <class T>
struct dot {
  const T *x, *y;
  IR_HD double operator()(index_t i) const noexcept { return double(x[i]) * double(y[i]); }
};

/// y = a x + b y and the term of <y, y>. Reads 2, writes 1, 5 flop.
template <class T>
struct axpby_square {
  const T* x;
  T* y;
  T a, b;
  IR_HD double operator()(index_t i) const noexcept {
    const T v = a * x[i] + b * y[i];
    y[i] = v;
    return double(v) * double(v);
  }
};

/// x += a p, r -= a q and the term of <r, r>. Reads 4, writes 2, 6 flop.
template <class T>
struct descend_square {
  const T *p, *q;
  T *x, *r;
  T a;
  IR_HD double operator()(index_t i) const noexcept {
    x[i] += a * p[i];
    const T v = r[i] - a * q[i];
    r[i] = v;
    return double(v) * double(v);
  }
};

}  // namespace ir::kernel
