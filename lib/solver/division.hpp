#pragma once
#include "solver/problem.hpp"

namespace ir::detail {

/// What the terms of a problem can do, counted; the choice is made from these numbers.
struct term_kinds {
  int smooth = 0;              // gradient with a Lipschitz constant that holds everywhere
  int quadratic = 0;           // of those
  int simple = 0;              // prox, of x itself, not smooth
  int coupled = 0;             // prox, behind an operator, not smooth
  bool only_prox = true;       // every term has a prox
  bool only_gradient = true;   // every term has a gradient
  bool only_quadratic = true;  // and there is no constraint
  bool convolutions = true;    // circular convolutions all, and no weights of their results
};
term_kinds kinds_of(const problem&);
std::string describe(const problem&, const term_kinds&);

/// Whether a term of gradient steps: smooth.
bool is_smooth(const term&);
/// Where it is not smooth, but steps along its gradient can be found by backtracking.
bool is_searchable(const term&);
/// An identity operator is none.
std::vector<term> terms_of(const problem&);

/// Whether all operators are near convolutions or diagonals (solver/circulant.hpp).
bool is_near_circulant(const problem&);
/// Whether pcg has a preconditioner: circulant, or diagonal where all operators are.
bool is_preconditioned(const problem&);
/// Whether it is what tv_deconvolution solves.
bool is_tv_deconvolution(const problem&);
/// Why a problem with total variation goes to neither fused engine, to follow other reasons: "; not
/// tv-splitting: ..."; empty: it does, or has no total variation.
std::string why_not_fused(const problem&);
/// Whether it is what tv_pointwise solves.
bool is_tv_pointwise(const problem&);

/// The parts for an algorithm, and the constants that its steps rest on. usage_error: it cannot.
composite divide(const problem&, algorithm);
void add_constants(const problem&, choice&);

}  // namespace ir::detail
