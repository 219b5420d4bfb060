#pragma once
#include <optional>

#include "solver/problem.hpp"

namespace ir {

/// The objective at x, and a lower one that was found near it.
struct improvement {
  double here, there;
};

/// Looks for an objective that is clearly below that at x: along the way to what the data ask for
/// (the adjoint of their proximal step) and along constants, with steps from four times to a
/// thousandth of those that fit the data best. A proof that x is no minimum, where it finds one;
/// nullopt where it does not, as at the minimum. Some 20 evaluations of the objective.
///
/// An x that breaks a constraint is no minimum either: `here` is infinite then, `there` whatever
/// was found.
std::optional<improvement> improvement_on(queue&, const problem&, cvec x);

/// A checksum of an element's bits.
std::uint64_t fingerprint(queue&, cvec x);

/// Refuses a solution that is still its start, whose fingerprint is `start`, after `iterations`,
/// unless nothing better is found near it, as at a minimum. numeric_error.
void refuse_start(queue&, const problem&, cvec x, std::uint64_t start, index_t iterations);

}  // namespace ir
