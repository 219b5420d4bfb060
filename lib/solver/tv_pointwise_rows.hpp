#pragma once
#include "core/index.hpp"

namespace ir::detail {

/// One row of a channel: found = argmin of the data term near x - step D'p, clamped;
/// bar = 2 found - x; x += relax (found - x). Reads x, y, weight, p; writes x, found, bar.
template <class T>
struct tv_data_row {
  index_t n;
  T *x, *found, *bar;
  const T *y, *weight;  // of weight / 2 (x - y)^2, weight >= 0
  const T* p[3];        // along each axis, the row's own first
  const T* before[3];   // p one step back along axes 1 and 2: a row of zeros at the border
  T step, pull;         // tau lambda, tau
  T relax, low, high;
};

/// One row, all channels: q = the projection of p + gain D bar onto the unit ball of all a pixel's
/// differences; p += relax (q - p).
template <class T>
struct tv_ball_row {
  index_t n, channels, axes;
  index_t bar_channel, p_channel, p_axis;  // distances
  const T* bar;
  index_t ahead[3];  // distance to the neighbour along axes 1 and 2: 0 at the border
  T* p;
  T gain, relax;
};

/// How far a row went, and its size: sums of squares of bar - found and of found.
struct tv_moved_sums {
  double change = 0, size = 0;
};

/// The loops at one instruction-set level.
template <class T>
struct tv_pointwise_functions {
  void (*data)(const tv_data_row<T>&, index_t axes);
  double (*ball)(const tv_ball_row<T>&);  // the sum of (q - p)^2
  tv_moved_sums (*moved)(const T* bar, const T* found, index_t n);
};
template <class T>
const tv_pointwise_functions<T>& tv_pointwise_functions_in_use();
template <>
const tv_pointwise_functions<float>& tv_pointwise_functions_in_use<float>();
template <>
const tv_pointwise_functions<double>& tv_pointwise_functions_in_use<double>();

}  // namespace ir::detail
