#pragma once
#include <vector>

#include "fn/functional.hpp"

namespace ir {

/// weight f: f's own if it absorbs a factor, else around it. usage_error: a weight not above 0.
fn_ptr scaled(double weight, fn_ptr f);

/// f(x - c), c an element of f's space; copied. prox = c + prox_f(x - c).
fn_ptr shifted(queue&, fn_ptr f, cvec c);

/// f(c x), c > 0 (usage_error). prox_tau = prox_{c^2 tau f}(c x) / c; a Lipschitz constant grows by
/// c^2.
fn_ptr stretched(double c, fn_ptr f);

/// The Moreau envelope of f: min_z f(z) + ||x - z||^2 / (2 mu), smooth even where f is not.
///
/// gradient  (x - prox_{mu f}(x)) / mu, Lipschitz constant 1 / mu; the minimisers are those of f
/// prox      x + tau / (tau + mu) (prox_{(tau + mu) f}(x) - x)
/// usage_error: mu not above 0, f has no prox
fn_ptr moreau_envelope(fn_ptr f, double mu);

/// sum_k f_k(x_k) on the product of the f_k's spaces. usage_error: no functional.
fn_ptr separable_sum(std::vector<fn_ptr> parts);

}  // namespace ir
