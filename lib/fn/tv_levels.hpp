#pragma once
#include <algorithm>
#include <cmath>

#include "core/isa.hpp"
#include "fn/tv_rows.hpp"

// Included by one file for each precision (tv_f32.cpp, tv_f64.cpp). The loops are inlined into
// functions that carry an instruction-set level.
namespace ir::detail {
namespace {

// D'p at element i, i > 0: the divergence with its sign turned.
template <int A, class T>
[[gnu::always_inline]] inline T adjoint_at(const T* const (&p)[3], const T* const (&before)[3],
                                           T left, index_t i) {
  T sum = left - p[0][i];
  if constexpr (A > 1) sum += before[1][i] - p[1][i];
  if constexpr (A > 2) sum += before[2][i] - p[2][i];
  return sum;
}

template <int A, bool Weighted, class T>
[[gnu::always_inline]] inline void primal_loop(const tv_primal_row<T> r) {
  const T same = 1 / (1 + r.pull);
  const auto one = [&](index_t i, T left) __attribute__((always_inline)) {
    const T old = r.x[i], d = adjoint_at<A>(r.p, r.before, left, i);
    T now;
    if constexpr (Weighted) {
      const T pull = r.pull * r.trust[i];
      now = (old - r.pull * r.weights[i] * d + pull * r.f[i]) / (1 + pull);
      const T inside = std::min(std::max(now, r.low), r.high);
      now = r.trust[i] > 0 ? now : inside;
    } else {
      now = (old - r.descent * d + r.pull * r.f[i]) * same;
    }
    r.x[i] = now;
    r.bar[i] = now + r.theta * (now - old);
  };
  one(0, T(0));
#pragma GCC ivdep
  for (index_t i = 1; i < r.n; ++i) one(i, r.p[0][i - 1]);
}

template <int A, class T>
[[gnu::always_inline]] inline void primal_of(const tv_primal_row<T>& r) {
  r.weights != nullptr ? primal_loop<A, true>(r) : primal_loop<A, false>(r);
}

inline constexpr index_t piece = 512;

// bar -= settle D'change for n elements of one channel, whose differences changed by `change`; here
// and one step ahead along each axis.
template <int A, class T>
[[gnu::always_inline]] inline void settle_in(T* bar, const index_t (&ahead)[3], T settle,
                                             const T (&change)[3][piece], index_t n, bool last) {
#pragma GCC ivdep
  for (index_t i = 0; i < n; ++i) {
    T sum = change[0][i];
    if constexpr (A > 1) sum += change[1][i];
    if constexpr (A > 2) sum += change[2][i];
    bar[i] += settle * sum;
  }
  const index_t inside = last ? n - 1 : n;  // a row's last element has no change along axis 0
#pragma GCC ivdep
  for (index_t i = 0; i < inside; ++i) bar[i + 1] -= settle * change[0][i];
  for (int a = 1; a < A; ++a) {
    if (ahead[a] == 0) continue;
    T* const next = bar + ahead[a];
#pragma GCC ivdep
    for (index_t i = 0; i < n; ++i) next[i] -= settle * change[a][i];
  }
}

// Elements [begin, begin + n) of a row of one channel, isotropic: all in one loop.
template <int A, bool Weighted, bool Settles, class T>
[[gnu::always_inline]] inline void dual_piece(const tv_dual_row<T> r, index_t begin, index_t n) {
  T change[3][piece];
  T* const bar = r.bar + begin;
  T* const p0 = r.p + begin;
  T* const p1 = p0 + r.p_axis;
  T* const p2 = p1 + r.p_axis;
  const T* const relief = Weighted ? r.relief + begin : nullptr;
  const auto one = [&](index_t i, T right) __attribute__((always_inline)) {
    const T here = bar[i], step = Weighted ? r.ascent * relief[i] : r.ascent;
    const T old[3] = {p0[i], A > 1 ? p1[i] : T(0), A > 2 ? p2[i] : T(0)};
    T v[A] = {old[0] + step * (right - here)};
    T square = v[0] * v[0];
    if constexpr (A > 1) {
      v[1] = old[1] + step * (bar[i + r.ahead[1]] - here);
      square += v[1] * v[1];
    }
    if constexpr (A > 2) {
      v[2] = old[2] + step * (bar[i + r.ahead[2]] - here);
      square += v[2] * v[2];
    }
    const T scale = 1 / std::sqrt(std::max(square, T(1)));
    p0[i] = v[0] * scale;
    if constexpr (A > 1) p1[i] = v[1] * scale;
    if constexpr (A > 2) p2[i] = v[2] * scale;
    if constexpr (Settles) {
      change[0][i] = v[0] * scale - old[0];
      if constexpr (A > 1) change[1][i] = v[1] * scale - old[1];
      if constexpr (A > 2) change[2][i] = v[2] * scale - old[2];
    }
  };
  const bool last = begin + n == r.n;
  const index_t inside = last ? n - 1 : n;
#pragma GCC ivdep
  for (index_t i = 0; i < inside; ++i) one(i, bar[i + 1]);
  if (last) one(n - 1, bar[n - 1]);
  if constexpr (Settles) settle_in<A>(bar, r.ahead, r.settle, change, n, last);
}

template <int A, bool Weighted, class T>
[[gnu::always_inline]] inline void dual_of(const tv_dual_row<T> r) {
  if (!(r.settle > 0)) {
    for (index_t begin = 0; begin < r.n; begin += piece)
      dual_piece<A, Weighted, false>(r, begin, std::min(piece, r.n - begin));
  } else {
    for (index_t begin = 0; begin < r.n; begin += piece)
      dual_piece<A, Weighted, true>(r, begin, std::min(piece, r.n - begin));
  }
}
template <int A, class T>
[[gnu::always_inline]] inline void dual_of(const tv_dual_row<T>& r) {
  r.relief != nullptr ? dual_of<A, true>(r) : dual_of<A, false>(r);
}

// p += step (ahead - bar), and the squares of p are added to `square`.
template <class T>
[[gnu::always_inline]] inline void lift(T* p, const T* bar, const T* ahead, T ascent,
                                        const T* relief, T* square, index_t n) {
  const auto one = [&](index_t i, T step) __attribute__((always_inline)) {
    const T v = p[i] + step * (ahead[i] - bar[i]);
    p[i] = v;
    square[i] += v * v;
  };
  if (relief != nullptr) {
#pragma GCC ivdep
    for (index_t i = 0; i < n; ++i) one(i, ascent * relief[i]);
  } else {
#pragma GCC ivdep
    for (index_t i = 0; i < n; ++i) one(i, ascent);
  }
}

// p *= scale, which `lift` raised by step (ahead - bar) before; what it changed in all.
template <class T>
[[gnu::always_inline]] inline void lower(T* p, const T* bar, const T* ahead, T ascent,
                                         const T* scale, T* change, index_t n) {
#pragma GCC ivdep
  for (index_t i = 0; i < n; ++i) {
    const T v = p[i], now = v * scale[i];
    p[i] = now;
    change[i] = now - (v - ascent * (ahead[i] - bar[i]));
  }
}

// Any number of channels, any kind: a group of differences shares one norm.
template <int A, class T>
[[gnu::always_inline]] inline void dual_groups(const tv_dual_row<T>& r) {
  T squares[3][piece], change[3][piece];
  for (index_t begin = 0; begin < r.n; begin += piece) {
    const index_t n = std::min(piece, r.n - begin), inside = std::min(n, r.n - 1 - begin);
    const T* const relief = r.relief == nullptr ? nullptr : r.relief + begin;
    for (index_t a = 0; a < A; ++a) std::fill(squares[a], squares[a] + n, T(0));
    // The last element of axis 0 has no neighbour: its p is and stays 0.
    for (index_t c = 0; c < r.channels; ++c) {
      const T* const bar = r.bar + c * r.bar_channel + begin;
      for (index_t a = 0; a < A; ++a)
        lift(r.p + c * r.p_channel + a * r.p_axis + begin, bar, bar + (a == 0 ? 1 : r.ahead[a]),
             r.ascent, relief, squares[r.isotropic ? 0 : a], a == 0 ? inside : n);
    }
    for (index_t a = 0; a < (r.isotropic ? 1 : A); ++a)
#pragma GCC ivdep
      for (index_t i = 0; i < n; ++i) squares[a][i] = 1 / std::sqrt(std::max(squares[a][i], T(1)));
    for (index_t c = 0; c < r.channels; ++c) {
      T* const bar = r.bar + c * r.bar_channel + begin;
      for (index_t a = 0; a < A; ++a) {
        T* const p = r.p + c * r.p_channel + a * r.p_axis + begin;
        const T* const scale = squares[r.isotropic ? 0 : a];
        if (r.settle > 0) {
          change[a][n - 1] = 0;
          lower(p, bar, bar + (a == 0 ? 1 : r.ahead[a]), r.ascent, scale, change[a],
                a == 0 ? inside : n);
        } else {
#pragma GCC ivdep
          for (index_t i = 0; i < n; ++i) p[i] *= scale[i];
        }
      }
      if (r.settle > 0) settle_in<A>(bar, r.ahead, r.settle, change, n, begin + n == r.n);
    }
  }
}

template <int A, class T>
[[gnu::always_inline]] inline void result_of(const tv_result_row<T> r) {
  const auto one = [&](index_t i, T left) __attribute__((always_inline)) {
    const T d = adjoint_at<A>(r.p, r.before, left, i);
    if (r.weights == nullptr) {
      r.to[i] = r.f[i] - r.weight * d;
    } else {
      const T inside = std::min(std::max(r.x[i], r.low), r.high);
      r.to[i] = r.trust[i] > 0 ? r.f[i] - r.weights[i] * d : inside;
    }
  };
  one(0, T(0));
#pragma GCC ivdep
  for (index_t i = 1; i < r.n; ++i) one(i, r.p[0][i - 1]);
}

template <class T>
[[gnu::always_inline]] inline void any_primal(const tv_primal_row<T>& r, index_t axes) {
  axes == 1 ? primal_of<1>(r) : axes == 2 ? primal_of<2>(r) : primal_of<3>(r);
}
template <class T>
[[gnu::always_inline]] inline void any_dual(const tv_dual_row<T>& r) {
  if (r.channels > 1 || (!r.isotropic && r.axes > 1))
    return r.axes == 1 ? dual_groups<1>(r) : r.axes == 2 ? dual_groups<2>(r) : dual_groups<3>(r);
  r.axes == 1 ? dual_of<1>(r) : r.axes == 2 ? dual_of<2>(r) : dual_of<3>(r);
}
template <class T>
[[gnu::always_inline]] inline void any_result(const tv_result_row<T>& r, index_t axes) {
  axes == 1 ? result_of<1>(r) : axes == 2 ? result_of<2>(r) : result_of<3>(r);
}

template <class T>
struct tv_base {
  [[gnu::flatten]] static void primal(const tv_primal_row<T>& r, index_t a) { any_primal(r, a); }
  [[gnu::flatten]] static void dual(const tv_dual_row<T>& r) { any_dual(r); }
  [[gnu::flatten]] static void result(const tv_result_row<T>& r, index_t a) { any_result(r, a); }
};

#if IR_ISA_LEVELS > 1
template <class T>
struct tv_v3 {
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void primal(const tv_primal_row<T>& r,
                                                                     index_t a) {
    any_primal(r, a);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void dual(const tv_dual_row<T>& r) {
    any_dual(r);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void result(const tv_result_row<T>& r,
                                                                     index_t a) {
    any_result(r, a);
  }
};
template <class T>
struct tv_v4 {
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static void primal(
      const tv_primal_row<T>& r, index_t a) {
    any_primal(r, a);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static void dual(
      const tv_dual_row<T>& r) {
    any_dual(r);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static void result(
      const tv_result_row<T>& r, index_t a) {
    any_result(r, a);
  }
};
#endif

template <class T, template <class> class Level>
const tv_functions<T>& tv_table() {
  using L = Level<T>;
  static constexpr tv_functions<T> table{&L::primal, &L::dual, &L::result};
  return table;
}

template <class T>
const tv_functions<T>& tv_table_in_use() {
#if IR_ISA_LEVELS > 1
  if (isa_level() == isa::v4) return tv_table<T, tv_v4>();
  if (isa_level() == isa::v3) return tv_table<T, tv_v3>();
#endif
  return tv_table<T, tv_base>();
}

}  // namespace
}  // namespace ir::detail
