#pragma once
#include <span>
#include <string>
#include <vector>

#include "expr/evaluate.hpp"
#include "solver/problem.hpp"
#include "stage/solve.hpp"
#include "stage/solve_fidelity.hpp"

namespace ir {

/// What stays the same for all elements of the data: operators, built once.
struct solve_terms {
  op_ptr A;
  std::vector<term> regularisers;
  fn_ptr constraint;                    // null: none
  std::optional<owned_vec> weights{};   // of each datum, where files have them
  std::optional<discrepancy> within{};  // in place of a fidelity
};

/// Regulariser expressions, read.
struct read_terms {
  std::vector<std::pair<std::string, std::vector<term_spec>>> all;  // text, terms
};

/// Builds the operators of a problem and the functionals that know no data.
solve_terms build_terms(queue&, const solve_options&, const spec_ptr& A, const read_terms&,
                        const space& domain, precision);

/// The problem of the data y, an element of A's range. usage_error: weights or sigma that are
/// neither one nor one for each block of the range.
problem problem_of(queue&, const solve_options&, const solve_terms&, cvec y, precision);

/// Chooses an algorithm; norms that it needs and nobody knows are bounded first, the norms of whole
/// terms as tightly as pays.
choice choose_with_norms(queue&, const problem&, const std::string& solver);

/// What --explain prints, line by line.
std::vector<std::string> explanation(const problem&, const choice&, device);

}  // namespace ir
