#pragma once
#include <optional>
#include <vector>

#include "core/index.hpp"

namespace ir {

/// Where a curve is least, from samples at first + k step.
struct curve_minimum {
  double at;
  double error;  // standard error of `at`
};

/// A cost at evenly spaced places as the sum of independent groups: of rows, pairs of views,
/// regions of a slice.
struct grouped_curve {
  double first = 0, step = 1;
  index_t samples = 0;
  std::vector<double> cost;  // (group, sample)

  index_t groups() const { return samples > 0 ? std::ssize(cost) / samples : 0; }
  /// The sample where the sum of all groups is least.
  index_t least() const;
  /// The vertex of the parabola through the five samples around the least one, by least squares;
  /// its error by the jackknife, which leaves out one group after the other:
  ///
  ///   error^2 = (G - 1) / G  sum over g of (at without g - mean of these)^2
  ///
  /// Nothing where the least sample is not two samples inside. One group: the error is infinite.
  ///
  /// Source: B. Efron, C. Stein, Ann. Statist. 9 (1981) 586-596.
  std::optional<curve_minimum> minimum() const;
};

}  // namespace ir
