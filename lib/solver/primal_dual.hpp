#pragma once
#include "solver/composite.hpp"
#include "solver/solver.hpp"

namespace ir {

/// pdhg       F = 0                   tau sigma ||K||^2 <= 1
/// condat_vu  F smooth, constant L    1 / tau - sigma ||K||^2 >= L / 2
/// pd3o       F smooth, constant L    tau < 2 / L, tau sigma ||K||^2 <= 1
enum class primal_dual_method : std::uint8_t { pdhg, condat_vu, pd3o };
/// fixed        the ratio sigma / tau stays
/// adaptive     the ratio follows the relative residuals of the two halves of the optimality
///              conditions, by ever smaller factors (pdhg, condat_vu)
/// accelerated  tau falls and sigma rises by the strong convexity of G, for 1/k^2 (pdhg)
enum class primal_dual_steps : std::uint8_t { fixed, adaptive, accelerated };

struct primal_dual_options {
  primal_dual_method method = primal_dual_method::pdhg;
  primal_dual_steps steps = primal_dual_steps::adaptive;
  std::optional<double> ratio{};  // sigma / tau at the start; absent: 1
  std::optional<cvec> start{};    // of x; absent: 0
  std::shared_ptr<const inner_product> product{};
};

/// Primal-dual iterations for minimise F(x) + G(x) + H(K x), of which nothing is inverted:
///
///   y+  = prox_{sigma H*}(y + sigma K xbar)
///   x+  = prox_{tau G}(x - tau (grad F(x) + K^H y+))
///   xbar = x+ + theta (x+ - x), in pd3o 2 x+ - x + tau (grad F(x) - grad F(x+))
///
/// Steps come from upper bounds of ||K||^2 = sum ||K_j||^2 and L; an unknown one is a usage_error
/// that names the term.
///
/// tells     change, the larger of x's and y's; kkt (not pd3o); by `evaluate` the objective, and
/// the gap where F = 0 and G and
///           H have values of their conjugates
/// memory    4 elements of the domain and 4 of K's range; a step applies K and its adjoint once
/// sources   Chambolle, Pock, J. Math. Imaging Vis. 40 (2011) 120; L. Condat, J. Optim. Theory
///           Appl. 158 (2013) 460; B. C. Vu, Adv. Comput. Math. 38 (2013) 667; M. Yan, J. Sci.
///           Comput. 76 (2018) 1698; adaptive: Goldstein et al., arXiv:1305.0546
class primal_dual final : public solver {
 public:
  primal_dual(queue&, const space& domain, precision, const composite&,
              const primal_dual_options& = {});

  cvec solution() const override { return x_; }
  std::vector<parameter_of> parameters() const override;
  double tau() const { return tau_; }
  double sigma() const { return sigma_; }

 private:
  void do_step(queue&, iteration&) override;
  void do_evaluate(queue&, iteration&) const override;
  void do_state(state_archive&) override;
  void set_steps();
  void extrapolate_pd3o(queue&);
  double primal_residual(queue&);            // and the gradient at the new x
  double extrapolate(queue&, double theta);  // the dual residual
  void adapt(double primal, double dual);

  primal_dual_method method_;
  primal_dual_steps how_;
  smooth_sum F_;
  fn_ptr G_;
  coupled_sum HK_;
  std::shared_ptr<const inner_product> product_;
  double lipschitz_, norm_square_, ratio_, strong_;
  double tau_ = 0, sigma_ = 0, restless_ = 0.5;
  owned_vec x_, before_, gradient_, pull_;  // before_: x of the last iteration
  owned_vec y_, y_before_, Kx_, Kbar_;
};

}  // namespace ir
