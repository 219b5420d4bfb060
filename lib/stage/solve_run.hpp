#pragma once
#include <memory>

#include "stage/solve.hpp"
#include "stage/solve_problem.hpp"

namespace ir {

/// Domain and range of A, and how frames of the data make an element of the range.
struct solve_layout {
  space domain, range;
  index_t frames = 1;  // of an element
};

/// All that a solve was planned with.
struct solve_job {
  solve_options options;
  spec_ptr A;
  read_terms terms;
  array_ptr init;  // null: none
  solve_layout layout;
};

/// The solutions, one for each element of the data. Errors as make_solve (stage/solve.hpp).
std::unique_ptr<frame_source> solve_elements(std::unique_ptr<frame_source> data, const stage_plan&,
                                             solve_job);

}  // namespace ir
