#pragma once
#include <cmath>
#include <limits>

#include "core/nd_view.hpp"

// The rules of the pointwise functionals (fn/pointwise_kernel.hpp). Min and max are written as
// comparisons, so that NaN stays NaN.
namespace ir::kernel {

template <class T>
IR_HD T clamp(T x, T low, T high) noexcept {
  x = x < low ? low : x;
  return x > high ? high : x;
}
inline constexpr double infinite = std::numeric_limits<double>::infinity();
/// How far rounding may carry a projected number out of a set of this size.
template <class T>
IR_HD double slack(double size) noexcept {
  return 256 * double(std::numeric_limits<T>::epsilon()) * size;
}

/// w |x|
template <class T>
struct absolute_rule {
  T w;
  IR_HD double value(index_t, double x) const noexcept { return double(w) * std::fabs(x); }
  IR_HD double conjugate(index_t, double y) const noexcept {
    return std::fabs(y) <= double(w) + slack<T>(w) ? 0 : infinite;
  }
  IR_HD T prox(index_t, T x, T tau) const noexcept {
    const T t = tau * w;
    return x - clamp(x, -t, t);
  }
  IR_HD T prox_conjugate(index_t, T y, T) const noexcept { return clamp(y, -w, w); }
};

/// w/2 d (x - c)^2; d = 0 is a missing datum.
template <class T>
struct square_rule {
  T w;
  const T *d, *c;  // null: 1, 0
  IR_HD T weight(index_t i) const noexcept { return d != nullptr ? w * d[i] : w; }
  IR_HD T centre(index_t i) const noexcept { return c != nullptr ? c[i] : T(0); }
  IR_HD double value(index_t i, double x) const noexcept {
    const double r = x - double(centre(i));
    return 0.5 * double(weight(i)) * r * r;
  }
  // y^2 / (2 w d) + c y
  IR_HD double conjugate(index_t i, double y) const noexcept {
    const double own = double(weight(i));
    if (own == 0) return y == 0 ? 0 : infinite;
    return y * y / (2 * own) + double(centre(i)) * y;
  }
  IR_HD T gradient(index_t i, T x) const noexcept { return weight(i) * (x - centre(i)); }
  IR_HD T prox(index_t i, T x, T tau) const noexcept {
    const T t = tau * weight(i);
    return (x + t * centre(i)) / (1 + t);
  }
  IR_HD T prox_conjugate(index_t i, T y, T sigma) const noexcept {
    const T own = weight(i);
    return own * (y - sigma * centre(i)) / (own + sigma);
  }
};

/// w (x^2 / (2 delta) where |x| <= delta, else |x| - delta / 2)
template <class T>
struct huber_rule {
  T w, delta;
  IR_HD double value(index_t, double x) const noexcept {
    const double a = std::fabs(x), d = double(delta);
    return double(w) * (a <= d ? x * x / (2 * d) : a - d / 2);
  }
  IR_HD double conjugate(index_t, double y) const noexcept {
    const double own = double(w);
    return std::fabs(y) <= own + slack<T>(own) ? double(delta) * y * y / (2 * own) : infinite;
  }
  IR_HD T gradient(index_t, T x) const noexcept { return w * clamp(x / delta, T(-1), T(1)); }
  IR_HD T prox(index_t, T x, T tau) const noexcept {
    const T t = tau * w;
    return x - t * clamp(x / (delta + t), T(-1), T(1));
  }
  IR_HD T prox_conjugate(index_t, T y, T sigma) const noexcept {
    return clamp(y * (w / (w + sigma * delta)), -w, w);
  }
};

/// 0 where low <= x <= high, else infinity
template <class T>
struct box_rule {
  T low, high;
  IR_HD double value(index_t, double x) const noexcept {
    return x >= double(low) && x <= double(high) ? 0 : infinite;
  }
  IR_HD double conjugate(index_t, double y) const noexcept {
    if (y == 0) return 0;  // not 0 times infinity
    return y > 0 ? double(high) * y : double(low) * y;
  }
  IR_HD T prox(index_t, T x, T) const noexcept { return clamp(x, low, high); }
  IR_HD T prox_conjugate(index_t, T y, T sigma) const noexcept {
    const T x = y / sigma;
    return sigma * (x - clamp(x, low, high));
  }
};

/// w (x + b - y log(x + b)) up to a constant that makes the least value 0; x + b >= 0.
template <class T>
struct poisson_rule {
  T w;
  const T *y, *b;  // b null: `background`
  T background;
  IR_HD T under(index_t i) const noexcept { return b != nullptr ? b[i] : background; }
  IR_HD double value(index_t i, double x) const noexcept {
    const double z = x + double(under(i)), n = double(y[i]);
    if (z < 0 || (z == 0 && n > 0)) return infinite;
    return double(w) * (n > 0 ? z - n + n * std::log(n / z) : z);
  }
  // -b v - n log(1 - v) for v <= 1
  IR_HD double conjugate(index_t i, double v) const noexcept {
    const double n = double(y[i]), s = v / double(w);
    if (s > 1 || (s == 1 && n > 0)) return infinite;
    return double(w) * ((n > 0 ? -n * std::log1p(-s) : 0) - double(under(i)) * s);
  }
  IR_HD T gradient(index_t i, T x) const noexcept { return w * (1 - y[i] / (x + under(i))); }
  // The root of z^2 - v z - t n, v = x + b - t, without cancellation where v < 0.
  IR_HD T prox(index_t i, T x, T tau) const noexcept {
    const T bg = under(i), t = tau * w, n = t * y[i], v = x + bg - t;
    const T root = std::sqrt(v * v + 4 * n);
    const T z = v > 0 ? (v + root) / 2 : (n > 0 ? 2 * n / (root - v) : T(0));
    return z - bg;
  }
  IR_HD T prox_conjugate(index_t i, T v, T sigma) const noexcept {
    return v - sigma * prox(i, v / sigma, 1 / sigma);
  }
};

/// c x
template <class T>
struct linear_rule {
  const T* c;
  T w;
  IR_HD double value(index_t i, double x) const noexcept { return double(w) * double(c[i]) * x; }
  IR_HD double conjugate(index_t i, double y) const noexcept {
    const double own = double(w) * double(c[i]);
    return std::fabs(y - own) <= slack<T>(std::fabs(own)) ? 0 : infinite;
  }
  IR_HD T gradient(index_t i, T) const noexcept { return w * c[i]; }
  IR_HD T prox(index_t i, T x, T tau) const noexcept { return x - tau * (w * c[i]); }
  IR_HD T prox_conjugate(index_t i, T, T) const noexcept { return w * c[i]; }
};

}  // namespace ir::kernel
