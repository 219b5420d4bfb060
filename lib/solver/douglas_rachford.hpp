#pragma once
#include "solver/composite.hpp"
#include "solver/solver.hpp"

namespace ir {

struct douglas_rachford_options {
  double tau = 1;         // any; it decides the speed
  double relaxation = 1;  // in (0, 2)
  std::optional<cvec> start{};
  std::shared_ptr<const inner_product> product{};
};

/// minimise G(x) + H(x), of both only the prox:
///
///   x = prox_{tau G}(z);  z += relaxation (prox_{tau H}(2 x - z) - x)
///
/// tells  change; kkt = ||prox_{tau H}(2 x - z) - x|| / ||x||; by `evaluate` the objective
/// Source: P. L. Lions, B. Mercier, SIAM J. Numer. Anal. 16 (1979) 964-979.
class douglas_rachford final : public solver {
 public:
  /// usage_error: no prox, tau or relaxation out of range; shape_error: different spaces.
  douglas_rachford(queue&, fn_ptr G, fn_ptr H, precision, const douglas_rachford_options& = {});
  cvec solution() const override { return x_; }
  std::vector<parameter_of> parameters() const override;

 private:
  void do_step(queue&, iteration&) override;
  void do_evaluate(queue&, iteration&) const override;
  void do_state(state_archive&) override;

  fn_ptr G_, H_;
  double tau_, relaxation_;
  std::shared_ptr<const inner_product> product_;
  owned_vec x_, z_, mirror_;
};

}  // namespace ir
