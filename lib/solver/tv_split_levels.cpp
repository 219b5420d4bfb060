#include <algorithm>
#include <cmath>

#include "core/isa.hpp"
#include "fft/column_functions.hpp"
#include "solver/tv_split_rows.hpp"

// The loops are inlined into functions that carry an instruction-set level.
namespace ir::detail {
namespace {

// v of one channel into t, and its square added.
template <class T>
[[gnu::always_inline]] inline void lift(const tv_split_row<T>& r, index_t c) {
  const T* const x = r.x + c * r.x_channel;
  const T* const below = r.below + c * r.x_channel;
  const T* const s_down = r.s_down + c * r.s_channel;
  const T* const s_right = r.s_right + c * r.s_channel;
  T* const down = r.t_down + c * r.t_channel;
  T* const right = r.t_right + c * r.t_channel;
  T* const square = r.square;
  const T alpha = r.alpha, counts = r.last ? T(0) : T(1);
  const index_t edge = r.inside - 1, end = r.n - 1;
  const auto both = [&](index_t i, T after) __attribute__((always_inline)) {
    down[i] = alpha * (below[i] - x[i]) + s_down[i];
    right[i] = alpha * (after - x[i]) + s_right[i];
  };
#pragma GCC ivdep
  for (index_t i = 0; i < edge; ++i) {
    const T v = alpha * (below[i] - x[i]) + s_down[i], w = alpha * (x[i + 1] - x[i]) + s_right[i];
    down[i] = v;
    right[i] = w;
    square[i] += counts * v * v + w * w;
  }
#pragma GCC ivdep
  for (index_t i = edge; i < end; ++i) both(i, x[i + 1]);
  both(end, x[0]);
  square[edge] += counts * down[edge] * down[edge];
}

template <class T>
[[gnu::always_inline]] inline void turn_over(T* t, T* next, const T* f, T turn, T alpha,
                                             index_t n) {
#pragma GCC ivdep
  for (index_t i = 0; i < n; ++i) {
    const T v = t[i], shrunk = f[i];
    t[i] = ((1 + turn) * shrunk - turn) * v;
    next[i] = (turn + (1 - alpha - turn) * shrunk) * v;
  }
}

// Across the border: z = v, u = 0.
template <class T>
[[gnu::always_inline]] inline void pass_on(const T* t, T* next, T alpha, index_t n) {
#pragma GCC ivdep
  for (index_t i = 0; i < n; ++i) next[i] = (1 - alpha) * t[i];
}

template <class T>
[[gnu::always_inline]] inline void split_row(const tv_split_row<T> r) {
  T* const f = r.square;
  std::fill_n(f, r.n, T(0));
  for (index_t c = 0; c < r.channels; ++c) lift(r, c);
  const T least = r.threshold * r.threshold;
#pragma GCC ivdep
  for (index_t i = 0; i < r.n; ++i) f[i] = 1 - r.threshold / std::sqrt(std::max(f[i], least));
  for (index_t c = 0; c < r.channels; ++c) {
    T* const down = r.t_down + c * r.t_channel;
    T* const right = r.t_right + c * r.t_channel;
    T* const next_down = r.next_down + c * r.next_channel;
    T* const next_right = r.next_right + c * r.next_channel;
    const index_t m = r.outside || r.last ? 0 : r.inside, across = r.outside ? 0 : r.inside - 1;
    turn_over(down, next_down, f, r.turn, r.alpha, m);
    pass_on(down + m, next_down + m, r.alpha, r.n - m);
    turn_over(right, next_right, f, r.turn, r.alpha, across);
    pass_on(right + across, next_right + across, r.alpha, r.n - across);
  }
}

template <class T>
[[gnu::always_inline]] inline void adjoint_row(const tv_adjoint_row<T> r) {
  r.w[0] = r.above[0] - r.t_down[0] + (r.t_right[r.n - 1] - r.t_right[0]);
#pragma GCC ivdep
  for (index_t i = 1; i < r.n; ++i)
    r.w[i] = r.above[i] - r.t_down[i] + (r.t_right[i - 1] - r.t_right[i]);
}

template <class T>
[[gnu::always_inline]] inline void filter_block(const tv_filter_block<T> f) {
  constexpr index_t width = column_width<T>;
  for (index_t r = 0; r < f.rows; ++r) {
    T* const at = f.block + r * 2 * width;
    const T* const b = f.b + r * 2 * width;
    const T* const power = f.power + r * width;
    const T ly = f.ly[r];
#pragma GCC ivdep
    for (index_t i = 0; i < width; ++i) {
      const T below = power[i] + f.rho * (ly + f.lx[i] + f.own);
      const T quotient = f.scale / below, factor = below > 0 ? quotient : T(0);
      at[i] = factor * (b[i] + f.rho * at[i]);
      at[width + i] = factor * (b[width + i] + f.rho * at[width + i]);
    }
  }
}

template <class T>
[[gnu::always_inline]] inline void filter_data_block(const tv_data_block<T> f) {
  constexpr index_t width = column_width<T>;
  for (index_t r = 0; r < f.rows; ++r) {
    T* const x = f.block + r * 2 * width;
    T* const u = f.other + r * 2 * width;
    const T* const H = f.H + r * 2 * width;
    const T ly = f.ly[r] + f.own;
#pragma GCC ivdep
    for (index_t i = 0; i < width; ++i) {
      const T a = H[i], b = H[width + i];
      const T below = f.rho * (ly + f.lx[i]) + f.mu * (a * a + b * b);
      const T quotient = f.scale / below, factor = below > 0 ? quotient : T(0);
      const T re = factor * (f.rho * x[i] + f.mu * (a * u[i] + b * u[width + i]));
      const T im = factor * (f.rho * x[width + i] + f.mu * (a * u[width + i] - b * u[i]));
      x[i] = re;
      x[width + i] = im;
      u[i] = a * re - b * im;
      u[width + i] = a * im + b * re;
    }
  }
}

template <class T>
[[gnu::always_inline]] inline tv_moved store_row(const tv_store_row<T> r) {
  constexpr index_t lanes = 16;
  T change[lanes] = {}, size[lanes] = {};
  const index_t whole = r.n / lanes * lanes;
  for (index_t i = 0; i < whole; i += lanes)
#pragma GCC ivdep
    for (index_t l = 0; l < lanes; ++l) {
      const T now = r.from[i + l], d = now - r.x[i + l];
      r.x[i + l] = now;
      change[l] += d * d;
      size[l] += now * now;
    }
  for (index_t i = whole; i < r.n; ++i) {
    const T now = r.from[i], d = now - r.x[i];
    r.x[i] = now;
    change[i - whole] += d * d;
    size[i - whole] += now * now;
  }
  tv_moved sum;
  for (index_t l = 0; l < lanes; ++l) sum.change += double(change[l]), sum.size += double(size[l]);
  return sum;
}

template <class T>
struct base_level {
  [[gnu::flatten]] static void split(const tv_split_row<T>& r) { split_row(r); }
  [[gnu::flatten]] static void adjoint(const tv_adjoint_row<T>& r) { adjoint_row(r); }
  [[gnu::flatten]] static void filter(const tv_filter_block<T>& f) { filter_block(f); }
  [[gnu::flatten]] static void filter_data(const tv_data_block<T>& f) { filter_data_block(f); }
  [[gnu::flatten]] static tv_moved store(const tv_store_row<T>& r) { return store_row(r); }
};
#if IR_ISA_LEVELS > 1
template <class T>
struct v3_level {
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void split(const tv_split_row<T>& r) {
    split_row(r);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void adjoint(const tv_adjoint_row<T>& r) {
    adjoint_row(r);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void filter(const tv_filter_block<T>& f) {
    filter_block(f);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void filter_data(
      const tv_data_block<T>& f) {
    filter_data_block(f);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static tv_moved store(const tv_store_row<T>& r) {
    return store_row(r);
  }
};
template <class T>
struct v4_level {
  [[gnu::flatten, gnu::target("arch=x86-64-v4")]] static void split(const tv_split_row<T>& r) {
    split_row(r);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4")]] static void adjoint(const tv_adjoint_row<T>& r) {
    adjoint_row(r);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4")]] static void filter(const tv_filter_block<T>& f) {
    filter_block(f);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4")]] static void filter_data(
      const tv_data_block<T>& f) {
    filter_data_block(f);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4")]] static tv_moved store(const tv_store_row<T>& r) {
    return store_row(r);
  }
};
#endif

template <class T, template <class> class Level>
const tv_split_functions<T>& table_of() {
  using L = Level<T>;
  static constexpr tv_split_functions<T> table{&L::split, &L::adjoint, &L::filter, &L::filter_data,
                                               &L::store};
  return table;
}

template <class T>
const tv_split_functions<T>& table_in_use() {
#if IR_ISA_LEVELS > 1
  if (isa_level() == isa::v4) return table_of<T, v4_level>();
  if (isa_level() == isa::v3) return table_of<T, v3_level>();
#endif
  return table_of<T, base_level>();
}

}  // namespace

template <>
const tv_split_functions<float>& tv_split_functions_in_use<float>() {
  return table_in_use<float>();
}
template <>
const tv_split_functions<double>& tv_split_functions_in_use<double>() {
  return table_in_use<double>();
}

}  // namespace ir::detail
