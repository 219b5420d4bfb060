#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// A step for all elements, or one for each.
template <class T>
struct step_of {
  T value;
  const T* diagonal;  // null: 1
  IR_HD T operator()(index_t i) const noexcept {
    return diagonal != nullptr ? value * diagonal[i] : value;
  }
};

// A sum of functions of one number each. A `Rule` has, of element i: value(i, x) and
// conjugate(i, y) in f64, gradient(i, x), prox(i, x, tau) and prox_conjugate(i, y, sigma).

/// The term of f(x). Reads 1 and the rule's data.
template <class T, class Rule>
struct pointwise_value {
  Rule f;
  const T* x;
  IR_HD double operator()(index_t i) const noexcept { return f.value(i, double(x[i])); }
};

/// The term of f*(y). Reads 1 and the rule's data.
template <class T, class Rule>
struct pointwise_conjugate {
  Rule f;
  const T* y;
  IR_HD double operator()(index_t i) const noexcept { return f.conjugate(i, double(y[i])); }
};

/// Reads 1 and the rule's data, writes 1.
template <class T, class Rule>
struct pointwise_gradient {
  Rule f;
  const T* x;
  T* g;
  IR_HD void operator()(index_t i) const noexcept { g[i] = f.gradient(i, x[i]); }
};

/// Reads 1 (2 with a diagonal step) and the rule's data, writes 1.
template <class T, class Rule>
struct pointwise_prox {
  Rule f;
  step_of<T> tau;
  const T* x;
  T* out;
  IR_HD void operator()(index_t i) const noexcept { out[i] = f.prox(i, x[i], tau(i)); }
};

/// As pointwise_prox.
template <class T, class Rule>
struct pointwise_prox_conjugate {
  Rule f;
  step_of<T> sigma;
  const T* y;
  T* out;
  IR_HD void operator()(index_t i) const noexcept { out[i] = f.prox_conjugate(i, y[i], sigma(i)); }
};

}  // namespace ir::kernel
