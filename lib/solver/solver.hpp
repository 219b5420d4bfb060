#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/space.hpp"

namespace ir {

/// What one step tells; absent: this algorithm does not compute it, or not in this iteration.
struct iteration {
  index_t k = 0;
  double seconds = 0;
  std::optional<double> objective{};  // what is minimised; +infinity where a constraint is broken
  std::optional<double> residual{};   // of the (normal) equations, relative
  std::optional<double> change{};     // ||x - x before|| / ||x||, of the whole x
  std::optional<double> gap{};        // primal minus dual value, relative to the larger
  std::optional<double> kkt{};        // distance from the optimality conditions, relative
  std::optional<double> misfit{};     // ||A x - y||
};

/// One visitor saves and restores the state of a solver.
struct state_archive {
  virtual ~state_archive() = default;
  virtual void item(std::string_view name, std::variant<double*, index_t*, vec>) = 0;
};

/// What an algorithm is set to, in words: {"tau", "0.03"}.
struct parameter_of {
  std::string name, value;
};

/// An iterative algorithm: state and one step. The loop exists once: `run`.
class solver {
 public:
  virtual ~solver() = default;
  /// Throws numeric_error if a scalar of the iteration became NaN or infinite.
  iteration step(queue&);
  /// Adds what costs passes of its own at the present x: objective, gap, misfit. numeric_error:
  /// NaN.
  void evaluate(queue&, iteration&) const;
  index_t iterations() const { return k_; }  // done so far, those before a checkpoint too
  virtual cvec solution() const = 0;
  /// Steps, penalties, momentum: as they are at the present iteration.
  virtual std::vector<parameter_of> parameters() const { return {}; }
  /// Everything that the next step depends on: restored, it goes on with the same bits.
  void state(state_archive&);

 private:
  virtual void do_step(queue&, iteration&) = 0;  // k is set; fills in what it knows
  virtual void do_evaluate(queue&, iteration&) const {}
  virtual void do_state(state_archive&) = 0;  // the iteration number is the base's
  index_t k_ = 0;
};

/// `checkpoint` ends the loop too: the caller saves the state and calls `run` again.
enum class verdict : std::uint8_t { go_on, stop, checkpoint };
using monitor = std::function<verdict(const iteration&, cvec x)>;

/// Whichever comes first; `iterations` counts those before a checkpoint too. A rule whose quantity
/// the algorithm does not tell is a usage_error. What costs passes of its own is computed each
/// `every` iterations, and only for the rules below that need it.
struct stop_rule {
  index_t iterations = 100;
  std::optional<double> seconds{}, change{}, residual{}, gap{}, kkt{};
  /// The objective moved by no more than this, relative, since it was evaluated before.
  std::optional<double> stagnation{};
  /// The misfit is at most this: the norm of the noise (discrepancy principle).
  std::optional<double> discrepancy{};
  index_t every = 10;
};
struct run_result {
  iteration last;
  bool converged;  // by a rule other than iterations, seconds or the monitor
  std::string reason;
};

/// Steps until a rule holds; polls the queue each iteration. Not converging is a result; NaN is a
/// numeric_error, and so is divergence: an objective that rises three evaluations in a row to above
/// 1000 times its first value.
run_result run(queue&, solver&, const stop_rule&, const monitor& = {});

}  // namespace ir
