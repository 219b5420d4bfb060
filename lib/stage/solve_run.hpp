#pragma once
#include <memory>
#include <vector>

#include "stage/element_stream.hpp"
#include "stage/solve.hpp"
#include "stage/solve_problem.hpp"

namespace ir {

/// The domain of A, and how the data make elements of its range.
struct solve_layout {
  space domain;
  element_layout data;
};

/// All that a solve was planned with.
struct solve_job {
  solve_options options;
  spec_ptr A;
  read_terms terms;
  array_ptr init;  // null: none
  solve_layout layout;
  std::vector<int> place;  // of the input's arrays in the output (element_header)
};

/// The solutions, one for each element of the data. `unconverged` is set once an element ends
/// before a rule of convergence holds. Errors as make_solve (stage/solve.hpp).
std::unique_ptr<frame_source> solve_elements(std::unique_ptr<frame_source> data, const stage_plan&,
                                             solve_job, std::shared_ptr<bool> unconverged);

}  // namespace ir
