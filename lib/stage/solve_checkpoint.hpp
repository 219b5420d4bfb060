#pragma once
#include <optional>
#include <string>

#include "solver/solution_log.hpp"
#include "stage/solve_history.hpp"
#include "stage/solve_problem.hpp"

namespace ir {

/// What an element was solved by and to.
struct solve_facts {
  std::string solver, reason;
  index_t iterations = 0;
  double objective = 0;
  std::optional<double> change{};
  bool converged = false;
};

/// The checkpoints of a run: the state of the solver at work in the file FILE, and, of a stack, the
/// solutions before in FILE.solved.
class solve_checkpoint {
 public:
  /// `stack`: there may be more elements than one. output_error: no checkpoint can be written
  /// there, or what is there is something else.
  solve_checkpoint(const solve_options&, bool stack);

  /// What checkpoints of this element belong to: the same words, data, operator and arithmetic.
  std::string identity(queue&, const solve_terms&, const choice&, cvec y, precision,
                       std::optional<cvec> start) const;

  /// The solution of this element from an earlier run, into x; nullopt: it is to be found.
  /// data_error: it is another problem's.
  std::optional<solve_facts> solved(queue&, const std::string& identity, vec x);
  /// Gives the solver the state of an earlier run, if there is one of this element.
  void restore(queue&, const std::string& identity, solver&) const;
  void save(queue&, const std::string& identity, solver&) const;
  /// The element is done: keeps its solution, and goes on to the next.
  void finish(queue&, const std::string& identity, const solve_facts&, cvec x);

 private:
  const solve_options& o_;
  std::optional<solution_log> log_;
  index_t element_ = 0;
};

}  // namespace ir
