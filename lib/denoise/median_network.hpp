#pragma once
#include "core/index.hpp"

namespace ir::detail {

// T is an integer, or a vector of integers: then all lanes at once.
template <class T>
[[gnu::always_inline]] inline void in_order(T& a, T& b) {
  const T low = b < a ? b : a, high = b < a ? a : b;
  a = low;
  b = high;
}

template <class T>
[[gnu::always_inline]] inline void sort_3(T& a, T& b, T& c) {
  in_order(a, b);
  in_order(b, c);
  in_order(a, b);
}

template <class T>
[[gnu::always_inline]] inline void sort_5(T& a, T& b, T& c, T& d, T& e) {
  in_order(a, d);
  in_order(b, e);
  in_order(a, c);
  in_order(b, d);
  in_order(a, b);
  in_order(c, e);
  in_order(b, c);
  in_order(d, e);
  in_order(c, d);
}

/// The least of v[0], ..., v[N - 1] to the front, the greatest to the end.
template <int N, class T>
[[gnu::always_inline]] inline void extremes_out(T* v) {
  for (int i = 0; i < N / 2; ++i) in_order(v[i], v[N - 1 - i]);
  for (int i = 1; i < (N + 1) / 2; ++i) in_order(v[0], v[i]);
  for (int i = N / 2; i < N - 1; ++i) in_order(v[i], v[N - 1]);
}

/// The median of 2 N - 3 values, of which the first N are looked at: their extremes cannot be it,
/// so both go and the next one comes.
template <int N, class T>
[[gnu::always_inline]] inline void median_by_forgetting(T* v, T& median) {
  extremes_out<N>(v);
  if constexpr (N == 3) {
    median = v[1];
  } else {
    v[N - 1] = v[N];
    for (int i = N; i < 2 * N - 4; ++i) v[i] = v[i + 1];
    median_by_forgetting<N - 1>(v + 1, median);
  }
}

/// The median of 3 columns in order.
template <class T>
[[gnu::always_inline]] inline void median_of_columns(T (&v)[3][3], T& median) {
  T low = v[0][0], high = v[2][0];  // the greatest of the least, the least of the greatest
  for (int i = 1; i < 3; ++i) {
    low = v[0][i] < low ? low : v[0][i];
    high = v[2][i] < high ? v[2][i] : high;
  }
  sort_3(v[1][0], v[1][1], v[1][2]);
  median = v[1][1];
  sort_3(low, median, high);
}

/// The median of 5 columns in order: v[i][.] holds the i-th of each. With the rows in order too,
/// (i + 1)(j + 1) - 1 others are not above v[i][j], (5 - i)(5 - j) - 1 not below: 13 can be it.
template <class T>
[[gnu::always_inline]] inline void median_of_columns(T (&v)[5][5], T& median) {
  for (auto& row : v) sort_5(row[0], row[1], row[2], row[3], row[4]);
  T left[13] = {v[0][3], v[0][4], v[1][2], v[1][3], v[1][4], v[2][1], v[2][2],
                v[2][3], v[3][0], v[3][1], v[3][2], v[4][0], v[4][1]};
  median_by_forgetting<8>(left, median);
}

}  // namespace ir::detail
