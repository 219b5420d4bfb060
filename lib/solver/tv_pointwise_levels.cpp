#include <algorithm>
#include <cmath>

#include "core/isa.hpp"
#include "solver/tv_pointwise_rows.hpp"

// The loops are inlined into functions that carry an instruction-set level.
namespace ir::detail {
namespace {

constexpr index_t piece = 512, lanes = 16;

template <int A, class T>
[[gnu::always_inline]] inline void data_loop(const tv_data_row<T> r) {
  const auto one = [&](index_t i, T left) __attribute__((always_inline)) {
    T d = left - r.p[0][i];
    if constexpr (A > 1) d += r.before[1][i] - r.p[1][i];
    if constexpr (A > 2) d += r.before[2][i] - r.p[2][i];
    const T old = r.x[i], pull = r.pull * r.weight[i];
    const T now =
        std::min(std::max((old - r.step * d + pull * r.y[i]) / (1 + pull), r.low), r.high);
    r.found[i] = now;
    r.bar[i] = 2 * now - old;
    r.x[i] = old + r.relax * (now - old);
  };
  one(0, T(0));
#pragma GCC ivdep
  for (index_t i = 1; i < r.n; ++i) one(i, r.p[0][i - 1]);
}

// The sum of n values, in lanes: one order for every level.
template <class T>
[[gnu::always_inline]] inline double sum_of(const T* v, index_t n) {
  T part[lanes] = {};
  index_t i = 0;
  for (; i + lanes <= n; i += lanes)
#pragma GCC ivdep
    for (index_t l = 0; l < lanes; ++l) part[l] += v[i + l];
  for (index_t l = 0; i < n; ++i, ++l) part[l] += v[i];
  double sum = 0;
  for (const T v_l : part) sum += static_cast<double>(v_l);
  return sum;
}

// One channel: a pass. `moved` takes (q - p)^2.
template <int A, class T>
[[gnu::always_inline]] inline void ball_alone(const tv_ball_row<T> r, index_t begin, index_t n,
                                              T* moved) {
  const T* const bar = r.bar + begin;
  T* const p0 = r.p + begin;
  T* const p1 = p0 + r.p_axis;
  T* const p2 = p1 + r.p_axis;
  const auto one = [&](index_t i, T right) __attribute__((always_inline)) {
    const T here = bar[i];
    const T old[3] = {p0[i], A > 1 ? p1[i] : T(0), A > 2 ? p2[i] : T(0)};
    T v[3] = {old[0] + r.gain * (right - here), T(0), T(0)};
    if constexpr (A > 1) v[1] = old[1] + r.gain * (bar[i + r.ahead[1]] - here);
    if constexpr (A > 2) v[2] = old[2] + r.gain * (bar[i + r.ahead[2]] - here);
    const T square = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
    const T scale = 1 / std::sqrt(std::max(square, T(1)));
    const T d[3] = {scale * v[0] - old[0], scale * v[1] - old[1], scale * v[2] - old[2]};
    p0[i] = old[0] + r.relax * d[0];
    if constexpr (A > 1) p1[i] = old[1] + r.relax * d[1];
    if constexpr (A > 2) p2[i] = old[2] + r.relax * d[2];
    moved[i] = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
  };
  const bool last = begin + n == r.n;
  const index_t inside = last ? n - 1 : n;
#pragma GCC ivdep
  for (index_t i = 0; i < inside; ++i) one(i, bar[i + 1]);
  if (last) one(n - 1, bar[n - 1]);
}

// The differences of one channel along one axis: p + gain (ahead - here) at i.
template <class T>
struct lifted {
  T* p;
  const T *here, *ahead;
  T gain;
  [[gnu::always_inline]] T operator()(index_t i) const {
    return p[i] + gain * (ahead[i] - here[i]);
  }
};

// Any number of channels: lengths first, then all differences once more.
template <int A, class T>
[[gnu::always_inline]] inline void ball_shared(const tv_ball_row<T>& r, index_t begin, index_t n,
                                               T* moved) {
  T scale[piece];
  const index_t inside = std::min(n, r.n - 1 - begin);  // at the end p along axis 0 is and stays 0
  const auto each = [&](auto&& body) __attribute__((always_inline)) {
    for (index_t c = 0; c < r.channels; ++c)
      for (index_t a = 0; a < A; ++a) {
        const T* const bar = r.bar + c * r.bar_channel + begin;
        body(lifted<T>{r.p + c * r.p_channel + a * r.p_axis + begin, bar,
                       bar + (a == 0 ? 1 : r.ahead[a]), r.gain},
             a == 0 ? inside : n);
      }
  };
  std::fill(scale, scale + n, T(0));
  std::fill(moved, moved + n, T(0));
  each([&](const lifted<T> v, index_t m) __attribute__((always_inline)) {
#pragma GCC ivdep
    for (index_t i = 0; i < m; ++i) {
      const T raised = v(i);
      scale[i] += raised * raised;
    }
  });
#pragma GCC ivdep
  for (index_t i = 0; i < n; ++i) scale[i] = 1 / std::sqrt(std::max(scale[i], T(1)));
  const T relax = r.relax;
  each([&](const lifted<T> v, index_t m) __attribute__((always_inline)) {
#pragma GCC ivdep
    for (index_t i = 0; i < m; ++i) {
      const T d = scale[i] * v(i) - v.p[i];
      v.p[i] += relax * d;
      moved[i] += d * d;
    }
  });
}

template <int A, class T>
[[gnu::always_inline]] inline double ball_of(const tv_ball_row<T>& r) {
  T moved[piece];
  double sum = 0;
  for (index_t begin = 0; begin < r.n; begin += piece) {
    const index_t n = std::min(piece, r.n - begin);
    if (r.channels > 1)
      ball_shared<A>(r, begin, n, moved);
    else
      ball_alone<A>(r, begin, n, moved);
    sum += sum_of(moved, n);
  }
  return sum;
}

template <class T>
[[gnu::always_inline]] inline tv_moved_sums moved_of(const T* bar, const T* found, index_t n) {
  tv_moved_sums sum;
  T change[piece], size[piece];
  for (index_t begin = 0; begin < n; begin += piece) {
    const index_t m = std::min(piece, n - begin);
#pragma GCC ivdep
    for (index_t i = 0; i < m; ++i) {
      const T now = found[begin + i], d = bar[begin + i] - now;
      change[i] = d * d;
      size[i] = now * now;
    }
    sum.change += sum_of(change, m);
    sum.size += sum_of(size, m);
  }
  return sum;
}

template <class T>
[[gnu::always_inline]] inline void any_data(const tv_data_row<T>& r, index_t axes) {
  axes == 1 ? data_loop<1>(r) : axes == 2 ? data_loop<2>(r) : data_loop<3>(r);
}
template <class T>
[[gnu::always_inline]] inline double any_ball(const tv_ball_row<T>& r) {
  return r.axes == 1 ? ball_of<1>(r) : r.axes == 2 ? ball_of<2>(r) : ball_of<3>(r);
}

template <class T>
struct base_level {
  [[gnu::flatten]] static void data(const tv_data_row<T>& r, index_t a) { any_data(r, a); }
  [[gnu::flatten]] static double ball(const tv_ball_row<T>& r) { return any_ball(r); }
  [[gnu::flatten]] static tv_moved_sums moved(const T* bar, const T* found, index_t n) {
    return moved_of(bar, found, n);
  }
};
#if IR_ISA_LEVELS > 1
template <class T>
struct v3_level {
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void data(const tv_data_row<T>& r,
                                                                   index_t a) {
    any_data(r, a);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static double ball(const tv_ball_row<T>& r) {
    return any_ball(r);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static tv_moved_sums moved(const T* bar,
                                                                             const T* found,
                                                                             index_t n) {
    return moved_of(bar, found, n);
  }
};
template <class T>
struct v4_level {
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static void data(
      const tv_data_row<T>& r, index_t a) {
    any_data(r, a);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static double ball(
      const tv_ball_row<T>& r) {
    return any_ball(r);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static tv_moved_sums
  moved(const T* bar, const T* found, index_t n) {
    return moved_of(bar, found, n);
  }
};
#endif

template <class T, template <class> class Level>
const tv_pointwise_functions<T>& table_of() {
  using L = Level<T>;
  static constexpr tv_pointwise_functions<T> table{&L::data, &L::ball, &L::moved};
  return table;
}

template <class T>
const tv_pointwise_functions<T>& table_in_use() {
#if IR_ISA_LEVELS > 1
  if (isa_level() == isa::v4) return table_of<T, v4_level>();
  if (isa_level() == isa::v3) return table_of<T, v3_level>();
#endif
  return table_of<T, base_level>();
}

}  // namespace

template <>
const tv_pointwise_functions<float>& tv_pointwise_functions_in_use<float>() {
  return table_in_use<float>();
}
template <>
const tv_pointwise_functions<double>& tv_pointwise_functions_in_use<double>() {
  return table_in_use<double>();
}

}  // namespace ir::detail
