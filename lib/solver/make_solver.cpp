#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "fn/box.hpp"
#include "fn/combine.hpp"
#include "op/algebra.hpp"
#include "solver/admm.hpp"
#include "solver/cg.hpp"
#include "solver/douglas_rachford.hpp"
#include "solver/lsqr.hpp"
#include "solver/normal_equations.hpp"
#include "solver/primal_dual.hpp"
#include "solver/problem.hpp"
#include "solver/proximal_gradient.hpp"
#include "solver/row_action.hpp"
#include "solver/tv_deconvolution.hpp"
#include "solver/tv_pointwise.hpp"

namespace ir {
namespace {

std::unique_ptr<solver> make_mlem(queue& q, const problem& p, const solver_settings& o) {
  const auto* counts = dynamic_cast<const poisson*>(p.fidelities[0].f.get());
  if (counts == nullptr || counts->background_map())
    throw usage_error("mlem takes the fidelity kl with one number as background");
  return std::make_unique<mlem>(q, p.fidelities[0].A, counts->counts(),
                                mlem_options{counts->background(), o.start, o.product});
}

std::unique_ptr<solver> make_sirt(queue& q, const problem& p, const solver_settings& o) {
  const auto form = p.fidelities[0].f->quadratic();
  if (!form || form->diagonal || !form->centre)
    throw usage_error("sirt takes an unweighted l2 fidelity: its weights are row sums");
  sirt_options options{.start = o.start, .product = o.product};
  if (p.constraint) {
    const auto* bounds = dynamic_cast<const box*>(p.constraint.get());
    if (bounds == nullptr) throw usage_error("sirt knows no constraint but bounds");
    options.low = bounds->low(), options.high = bounds->high();
  }
  return std::make_unique<sirt>(q, p.fidelities[0].A, *form->centre, options);
}

/// The coupled terms f(K x) as f(||K|| (K / ||K||) x): operators of one norm share one dual step
/// well, whatever their units.
composite balanced(composite parts) {
  if (parts.coupled.size() < 2) return parts;
  for (term& t : parts.coupled) {
    const auto norm = t.A ? t.A->norm() : std::nullopt;
    if (!norm || !(norm->upper > 0)) continue;
    t.f = stretched(norm->upper, t.f);
    t.A = scale(1 / norm->upper, t.A);
  }
  return parts;
}

std::unique_ptr<solver> make_cg(queue& q, const problem& p, const choice& c,
                                const solver_settings& o) {
  const normal_equations system = normal_equations_of(q, p.domain, p.type, c.parts.smooth);
  cg_options options{.start = o.start, .product = o.product};
  if (c.method == algorithm::pcg)
    options.preconditioner = preconditioner_of(q, p.domain, p.type, c.parts.smooth);
  return std::make_unique<conjugate_gradient>(q, system.M, system.b,
                                              conjugate_gradient::system::direct, options);
}

std::unique_ptr<solver> make_lsqr(queue& q, const problem& p, const choice& c,
                                  const solver_settings& o) {
  const bool from_zero = !o.start;
  const least_squares system = least_squares_of(q, p.domain, p.type, c.parts.smooth, from_zero);
  return std::make_unique<ir::lsqr>(
      q, system.A, system.y,
      lsqr_options{.damping = system.damping, .start = o.start, .product = o.product});
}

/// Where to start: F must be finite there, which 0 is not for the likelihood of counts alone.
std::optional<owned_vec> positive_start(queue& q, const problem& p, const choice& c,
                                        const solver_settings& o) {
  owned_vec x(q, p.domain, p.type);
  if (o.start || std::isfinite(smooth_sum(p.domain, c.parts.smooth).value(q, x))) return {};
  fill(q, 1, x);
  return x;
}

std::unique_ptr<solver> make_proximal_gradient(queue& q, const problem& p, const choice& c,
                                               const solver_settings& o) {
  const auto ones = c.backtracking ? positive_start(q, p, c, o) : std::nullopt;
  return std::make_unique<proximal_gradient>(
      q, p.domain, p.type, c.parts,
      proximal_gradient_options{
          .how = c.method == algorithm::fista ? momentum::fista : momentum::none,
          .backtracking = c.backtracking,
          .start = ones ? std::optional<cvec>(*ones) : o.start,
          .product = o.product});
}

}  // namespace

std::unique_ptr<solver> make_solver(queue& q, const problem& p, const choice& c,
                                    const solver_settings& o) {
  const auto primal_dual_by = [&](primal_dual_method m, primal_dual_steps s) {
    return std::make_unique<primal_dual>(
        q, p.domain, p.type, m == primal_dual_method::pdhg ? balanced(c.parts) : c.parts,
        primal_dual_options{.method = m, .steps = s, .start = o.start, .product = o.product});
  };
  switch (c.method) {
    case algorithm::cg:
    case algorithm::pcg:
      return make_cg(q, p, c, o);
    case algorithm::lsqr:
      return make_lsqr(q, p, c, o);
    case algorithm::gradient_descent:
    case algorithm::fista:
      return make_proximal_gradient(q, p, c, o);
    case algorithm::pdhg:
      return primal_dual_by(primal_dual_method::pdhg, primal_dual_steps::adaptive);
    case algorithm::condat_vu:
      return primal_dual_by(primal_dual_method::condat_vu, primal_dual_steps::adaptive);
    case algorithm::pd3o:
      return primal_dual_by(primal_dual_method::pd3o, primal_dual_steps::fixed);
    case algorithm::douglas_rachford:
      return std::make_unique<douglas_rachford>(
          q, c.parts.simple, scaled(c.parts.coupled[0].weight, c.parts.coupled[0].f), p.type,
          douglas_rachford_options{.start = o.start, .product = o.product});
    case algorithm::admm:
      return std::make_unique<admm>(q, p.domain, p.type, c.parts,
                                    admm_options{.start = o.start, .product = o.product});
    case algorithm::mlem:
      return make_mlem(q, p, o);
    case algorithm::sirt:
      return make_sirt(q, p, o);
    case algorithm::tv_splitting:
      return tv_deconvolution::make(q, c.parts.smooth, c.parts.coupled[0], p.type,
                                    {.start = o.start, .constraint = c.parts.simple});
    case algorithm::tv_pointwise:
      return tv_pointwise::make(q, c.parts.smooth, c.parts.coupled[0], c.parts.simple, p.type,
                                {.start = o.start});
  }
  throw bug_error("an algorithm without a solver");
}

}  // namespace ir
