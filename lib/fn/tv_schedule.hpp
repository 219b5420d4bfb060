#pragma once
#include <cmath>

#include "fn/tv_rows.hpp"

namespace ir::detail {

/// The steps of the accelerated primal-dual iterations, for a weight of 1: tau falls as the
/// problem's convexity allows.
struct tv_schedule {
  /// `norm`: ||D||^2 of the differences whose dual values follow at once, which bounds the product
  /// of the steps.
  tv_schedule(double norm, bool f32, bool holes)
      : least(holes ? 0.1
              : f32 ? 0.03
                    : 0),
        product(product_bound / norm) {}

  static constexpr double product_bound = 1.28;  // below 4/3
  static constexpr double convexity = 0.2;  // of the true one: fewest iterations to 1e-3 to 1e-6
  double tau = 0.5;
  // With holes nothing is convex there; in f32 smaller steps raise what x is rounded by, through
  // the dual steps, above what is left of the gap.
  double least;
  double product;  // tau sigma

  tv_steps next() {
    const double theta = tau > least ? 1 / std::sqrt(1 + 2 * convexity * tau) : 1;
    const tv_steps s{tau, product / tau, theta};
    tau *= theta;
    return s;
  }
};

}  // namespace ir::detail
