#pragma once
#include "fn/functional.hpp"

namespace ir {

enum class ball_norm : std::uint8_t { l1, l2, linf };

/// f(x) = 0 where ||x|| <= radius, else infinity. The norm is of the whole element: l1 the sum of
/// |x_i|, linf the largest (both of real spaces), l2 the Euclidean one. With radius =
/// sqrt(m) sigma and shifted by m data it is the constraint of the discrepancy principle.
///
/// prox       the nearest point of the ball, whatever the step
/// conjugate  radius times the dual norm
///
/// l1: the threshold t with sum max(|x_i| - t, 0) = radius is found by Newton's method on this
/// convex, piecewise linear function, which ends exactly after few passes.
/// Source: C. Michelot, J. Optim. Theory Appl. 50 (1986) 195-200.
/// usage_error: a radius that is not above 0; a complex space for l1 and linf.
fn_ptr make_ball(const space&, ball_norm, double radius);

}  // namespace ir
