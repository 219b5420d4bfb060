#pragma once
#include "core/index.hpp"

namespace ir::detail {

/// Steps of one primal-dual iteration (fn/tv_dual.hpp), for a weight of 1.
struct tv_steps {
  double tau, sigma, theta;
};

/// x+ = argmin of the data term near x - tau w D'p on one row of a channel; bar = x+ + theta (x+ -
/// x). Reads f, x, p and its neighbours before; writes x, bar. Axis 0 is the row's own.
template <class T>
struct tv_primal_row {
  index_t n;
  const T* f;
  T *x, *bar;
  const T* p[3];
  const T* before[3];        // p one step back along axes 1 and 2: a row of zeros at the border
  T descent, pull, theta;    // tau w, tau
  const T *weights, *trust;  // of each pixel: w, and 1 or 0 (no data term); null: one w, all 1
  T low, high;               // bounds of x where trust is 0
};

/// p+ = the projection of p + sigma / w D bar on one row, all channels. With `settle` s > 0 also
/// bar -= s D'(p+ - p), here and ahead: what the next primal step would make of the change.
template <class T>
struct tv_dual_row {
  index_t n, channels, axes;
  index_t bar_channel, p_channel, p_axis;  // distances
  T* bar;
  index_t ahead[3];  // distance to the neighbour along axes 1 and 2: 0 at the border
  T* p;
  T ascent;         // sigma / w
  const T* relief;  // of each pixel, a factor of `ascent`; null: 1
  T settle;
  bool isotropic;
};

/// x = f - w D'p on one row of a channel; where trust is 0 it is `x` itself, clipped.
template <class T>
struct tv_result_row {
  index_t n;
  const T *f, *x;
  T* to;
  const T* p[3];
  const T* before[3];
  T weight;
  const T *weights, *trust;
  T low, high;
};

/// The loops at one instruction-set level.
template <class T>
struct tv_functions {
  void (*primal)(const tv_primal_row<T>&, index_t axes);
  void (*dual)(const tv_dual_row<T>&);
  void (*result)(const tv_result_row<T>&, index_t axes);
};
template <class T>
const tv_functions<T>& tv_functions_in_use();
template <>
const tv_functions<float>& tv_functions_in_use<float>();
template <>
const tv_functions<double>& tv_functions_in_use<double>();

}  // namespace ir::detail
