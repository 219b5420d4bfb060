#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "solver/solver.hpp"
#include "stage/fidelity.hpp"
#include "stage/stage.hpp"

namespace ir {

struct solve_options {
  std::string expression;  // A, expr/evaluate.hpp
  fidelity_options fidelity{};
  std::vector<std::string> regularisers{};  // functionals of the same language
  /// The first fidelity becomes the constraint ||A x - y|| <= sqrt(m) sigma of the discrepancy
  /// principle: a weight is then not needed, and found within the one solve.
  bool discrepancy = false;
  std::vector<double> sigma{};  // of the noise, one or one for each row; with the two around
  /// Ends an iteration at ||A x - y|| <= sqrt(m) sigma, row by row as above: before it fits the
  /// noise (semi-convergence).
  bool until_noise = false;
  std::optional<std::array<double, 2>> bounds{};
  std::string solver = "auto";  // or a name of solver/problem.hpp
  std::optional<shape> domain{};
  std::string init{};  // a file: where to start; empty: 0
  stop_rule rule{};
  std::string checkpoint{};  // a file, FILE.solved too if the data are a stack; empty: none
  index_t checkpoint_every = 25;
  bool resume = false;
  bool explain = false;
  std::string history{}, plot{};  // files; empty: none
  bool replace = false;           // history and plot may exist
  bool fail_unconverged = false;  // tell by the exit code
};

/// minimise fidelity(A x, y) + regularisers(x), within bounds, for every element of the data: a
/// frame, or as many frames in a row as A has rows of the frame's extents (several views of one
/// image are a stack). The solution is in f32 or f64 without `nominal`.
///
/// tells   iterations, objective, change, converged (1 or 0), solver; explains itself on request
/// usage_error: expressions, no domain, options that do not go together; shape_error: data that are
/// no element of the range; data_error: NaN; numeric_error: divergence, or a solution that is still
/// its start where something better is near (stage/solve_check.hpp).
std::unique_ptr<stage> make_solve(const solve_options&);

}  // namespace ir
