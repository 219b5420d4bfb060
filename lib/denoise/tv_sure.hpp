#pragma once
#include "fn/tv_dual.hpp"

namespace ir {

/// Scales the weight of `dual`, which was made of `p`, to the one of the least unbiased estimate of
/// the risk E ||x - truth||^2 for noise of standard deviation `sigma`, the same in all `values`
/// valid values:
///
///   SURE(w) = ||x - f||^2 - values sigma^2 + 2 sigma^2 div x,   div x ~ <b, x(f + e b) - x(f)> / e
///
/// with b of random signs, the same in every call. x(f) and x(f + e b) go along a path of weights
/// side by side, each weight from the state of the one before, until the estimate rises on both
/// sides; then to the vertex of the parabola through the least three. `dual` is left warm there.
///
/// p.weights must be unset (usage_error): the estimate is for one sigma.
///
/// source   C. Stein, Ann. Stat. 9 (1981) 1135; S. Ramani, T. Blu, M. Unser, IEEE Trans. Image
///          Process. 17 (2008) 1540
struct tv_sure_path {
  index_t iterations = 0;  // of dual
  index_t weights = 0;
};
tv_sure_path tv_follow_sure(queue&, const tv_problem& p, double sigma, double values,
                            tv_dual& dual);
/// Memory that it takes beside `dual`.
index_t tv_sure_bytes(const shape& f, dtype, device);

}  // namespace ir
