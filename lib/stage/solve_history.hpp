#pragma once
#include <string>
#include <vector>

#include "solver/solver.hpp"

namespace ir {

/// What a solver told in its iterations, element by element of the data.
struct solve_history {
  struct element {
    std::vector<iteration> steps;
    std::string solver, reason;
    bool converged = false;
  };
  std::vector<element> all;

  /// {"tool":"ir-solve","elements":[{"solver","reason","converged","iterations":[{"k","seconds",
  /// "objective", ...}]}]}; what was not told in an iteration is not there.
  std::string json() const;
  /// The objective (else the change) over the iterations on a logarithmic axis, a line for each
  /// element: an SVG picture.
  std::string svg() const;
};

}  // namespace ir
