#pragma once
#include "solver/composite.hpp"
#include "solver/solver.hpp"

namespace ir {

/// none      gradient descent, with G proximal gradient (ISTA)
/// fista     Nesterov's sequence
enum class momentum : std::uint8_t { none, fista };

struct proximal_gradient_options {
  momentum how = momentum::fista;
  /// The momentum starts again where it points uphill, <z - x+, x+ - x> > 0.
  bool restart = true;
  /// The step follows the curvature met (and the constant need not be known): it shrinks until the
  /// quadratic model with 1 / step bounds F, and grows by a little in each iteration.
  bool backtracking = false;
  /// Strong convexity of F + G if more is known than the functionals say; with fista and no
  /// restart, the constant momentum of a strongly convex problem.
  std::optional<double> strong{};
  std::optional<cvec> start{};  // absent: 0
  std::shared_ptr<const inner_product> product{};
};

/// minimise F(x) + G(x), F smooth:
///
///   x+ = prox_{tau G}(z - tau grad F(z)),  z = x + beta (x - x before),  tau = 1 / L
///
/// L comes from upper bounds of norms; an unknown or infinite one is a usage_error that names the
/// term, unless steps are found by backtracking: never a step of 0.
///
/// tells     change; kkt = ||z - x+|| / (tau ||grad F(z)||); by `evaluate` the objective
/// memory    4 elements; a step is one gradient and one prox (backtracking: and values of F)
/// sources   Beck, Teboulle, SIAM J. Imaging Sci. 2 (2009) 183; restart: O'Donoghue, Candes, Found.
///           Comput. Math. 15 (2015) 715; strong convexity: Nesterov, Introductory Lectures on
///           Convex Optimization (2004) 2.2
class proximal_gradient final : public solver {
 public:
  /// usage_error: coupled parts; a G without prox.
  proximal_gradient(queue&, const space& domain, precision, const composite&,
                    const proximal_gradient_options& = {});

  cvec solution() const override { return x_; }
  std::vector<parameter_of> parameters() const override;
  double tau() const { return tau_; }

 private:
  void do_step(queue&, iteration&) override;
  void do_evaluate(queue&, iteration&) const override;
  void do_state(state_archive&) override;
  double first_constant(queue&);
  void descend(queue&);
  void search(queue&);
  double next_beta();

  proximal_gradient_options options_;
  smooth_sum F_;
  fn_ptr G_;
  std::shared_ptr<const inner_product> product_;
  double tau_ = 0, strong_ = 0, age_ = 1;  // age_: t of Nesterov's sequence
  owned_vec x_, z_, next_, gradient_;      // z_: where the gradient is taken
};

}  // namespace ir
