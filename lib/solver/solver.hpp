#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/space.hpp"

namespace ir {

/// What one step tells; absent: this algorithm does not compute it.
struct iteration {
  index_t k = 0;
  double seconds = 0;
  std::optional<double> objective{}, residual{}, change{}, gap{};
};

/// One visitor saves and restores the state of a solver.
struct state_archive {
  virtual ~state_archive() = default;
  virtual void item(std::string_view name, std::variant<double*, index_t*, vec>) = 0;
};

/// An iterative algorithm: state and one step. The loop exists once: `run`.
class solver {
 public:
  virtual ~solver() = default;
  /// Throws numeric_error if a scalar of the iteration became NaN or infinite.
  iteration step(queue&);
  index_t iterations() const { return k_; }  // done so far, those before a checkpoint too
  virtual cvec solution() const = 0;
  /// Everything that the next step depends on: restored, it goes on with the same bits.
  void state(state_archive&);

 private:
  virtual void do_step(queue&, iteration&) = 0;  // k is set; fills in what it knows
  virtual void do_state(state_archive&) = 0;     // the iteration number is the base's
  index_t k_ = 0;
};

/// `checkpoint` ends the loop too: the caller saves the state and calls `run` again.
enum class verdict : std::uint8_t { go_on, stop, checkpoint };
using monitor = std::function<verdict(const iteration&, cvec x)>;

/// Whichever comes first; `iterations` counts those before a checkpoint too. `change` and
/// `residual` are relative; a rule whose quantity the algorithm does not tell is a usage_error.
struct stop_rule {
  index_t iterations = 100;
  std::optional<double> seconds{}, change{}, residual{}, gap{};
};
struct run_result {
  iteration last;
  bool converged;  // by a rule other than iterations, seconds or the monitor
  std::string reason;
};

/// Steps until a rule holds; polls the queue each iteration. Not converging is a result, NaN a
/// numeric_error.
run_result run(queue&, solver&, const stop_rule&, const monitor& = {});

}  // namespace ir
