#pragma once
#include "solver/composite.hpp"
#include "solver/quadratic.hpp"
#include "solver/solver.hpp"

namespace ir {

struct admm_options {
  /// At the start; absent: 1, or with a preconditioned quadratic step the largest weight of H by
  /// 0.02 of the spread of x that the data ask for (quadratic.hpp).
  std::optional<double> rho{};
  bool balance = true;      // rho follows the residuals in the first 100 iterations, to 1e4 times
  double relaxation = 1.6;  // in (0, 2)
  inner_options inner{};    // how the quadratic is minimised
  std::optional<cvec> start{};
  std::shared_ptr<const inner_product> product{};
};

/// Alternating directions for minimise F(x) + H(K x), F a sum of quadratics behind operators:
///
///   x+ = argmin F(x) + rho/2 ||K x - z + u||^2     (solver/quadratic.hpp)
///   z+ = prox_{H / rho}(K x+ + u),  u+ = u + K x+ - z+,  K x+ relaxed towards z
///
/// No norm is needed. With a simple part G, `solution` is G's copy of x, which satisfies it.
///
/// tells    change, the larger of x's and z's; kkt, the larger of ||K x - z|| and ||z+ - z||,
///          relative to z and u; by `evaluate` the objective
/// sources  Boyd et al., Found. Trends Mach. Learn. 3 (2011) 1-122; Eckstein, Bertsekas, Math.
///          Program. 55 (1992) 293-318
class admm final : public solver {
 public:
  /// usage_error: a smooth part that is no quadratic form; options out of range.
  admm(queue&, const space& domain, precision, const composite&, const admm_options& = {});
  cvec solution() const override;
  std::vector<parameter_of> parameters() const override;
  double rho() const { return rho_; }
  /// How the inner quadratic is minimised: "exact, in the Fourier domain".
  const std::string& inner() const { return quadratic_.how(); }

 private:
  void do_step(queue&, iteration&) override;
  void do_evaluate(queue&, iteration&) const override;
  void do_state(state_archive&) override;
  double first_rho(queue&, const std::optional<double>& asked);
  void balance(queue&, double primal, double dual, index_t k);

  std::vector<term> coupled_;  // H's terms, and G's last
  smooth_sum F_;
  fn_ptr G_;
  coupled_sum HK_;
  quadratic_problem quadratic_;
  std::shared_ptr<const inner_product> product_;
  double rho_, first_rho_, relaxation_;
  bool balance_;
  owned_vec x_, before_, z_, u_, Kx_;
  int last_block_;  // of K's range: the copy of x that G sees
};

}  // namespace ir
