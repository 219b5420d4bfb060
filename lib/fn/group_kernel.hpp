#pragma once
#include <cmath>

#include "core/nd_view.hpp"

namespace ir::kernel {

/// Groups of numbers that share one norm: group i is x[c * stride + parts i + p], c < components,
/// p < parts. M: the components where they are known to the compiler, else 0.
template <class T, int M>
struct groups {
  index_t components, stride;
  int parts;

  IR_HD index_t count() const noexcept { return M > 0 ? M : components; }
  IR_HD T norm(const T* x, index_t i) const noexcept {
    T square = 0;
    if (parts == 1) {
      for (index_t c = 0; c < count(); ++c) square += x[c * stride + i] * x[c * stride + i];
    } else {
      for (index_t c = 0; c < count(); ++c) {
        const T re = x[c * stride + 2 * i], im = x[c * stride + 2 * i + 1];
        square += re * re + im * im;
      }
    }
    return std::sqrt(square);
  }
  /// out = factor x
  IR_HD void scale(const T* x, T factor, T* out, index_t i) const noexcept {
    if (parts == 1) {
      for (index_t c = 0; c < count(); ++c) out[c * stride + i] = factor * x[c * stride + i];
    } else {
      for (index_t c = 0; c < count(); ++c) {
        out[c * stride + 2 * i] = factor * x[c * stride + 2 * i];
        out[c * stride + 2 * i + 1] = factor * x[c * stride + 2 * i + 1];
      }
    }
  }
};

/// The norm of a group. Reads a group.
template <class T, int M>
struct group_norm {
  groups<T, M> g;
  const T* x;
  IR_HD double operator()(index_t i) const noexcept { return double(g.norm(x, i)); }
};

/// By how much the norm of a group exceeds `limit`, 0 if it does not. Reads a group.
template <class T, int M>
struct group_excess {
  groups<T, M> g;
  const T* x;
  double limit;
  IR_HD double operator()(index_t i) const noexcept {
    const double over = double(g.norm(x, i)) - limit;
    return over < 0 ? 0 : over;
  }
};

/// out = max(0, 1 - t / |x|) x. Reads and writes a group.
template <class T, int M>
struct group_shrink {
  groups<T, M> g;
  const T* x;
  T* out;
  T t;
  IR_HD void operator()(index_t i) const noexcept {
    const T norm = g.norm(x, i), factor = 1 - t / (norm > t ? norm : t);
    g.scale(x, factor, out, i);
  }
};

/// out = min(1, limit / |x|) x. Reads and writes a group.
template <class T, int M>
struct group_project {
  groups<T, M> g;
  const T* x;
  T* out;
  T limit;
  IR_HD void operator()(index_t i) const noexcept {
    const T norm = g.norm(x, i), factor = limit / (norm < limit ? limit : norm);
    g.scale(x, factor, out, i);
  }
};

}  // namespace ir::kernel
