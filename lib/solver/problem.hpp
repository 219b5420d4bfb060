#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "solver/composite.hpp"
#include "solver/solver.hpp"

namespace ir {

/// minimise sum_i w_i f_i(A_i x) + sum_j v_j g_j(K_j x) + constraint(x)
struct problem {
  space domain;
  precision type = precision::f32;
  device where{};                // of the operators' and functionals' tables
  std::vector<term> fidelities;  // at least one
  std::vector<term> regularisers{};
  fn_ptr constraint{};  // null: none
};

/// What is minimised, at x.
double objective_of(queue&, const problem&, cvec x);
/// Its first sum: ||A x - y||^2_W / 2 of quadratics, what a discrepancy principle looks at.
double fidelity_of(queue&, const problem&, cvec x);

enum class algorithm : std::uint8_t {
  cg,
  pcg,
  lsqr,
  gradient_descent,
  fista,
  pdhg,
  condat_vu,
  pd3o,
  douglas_rachford,
  admm,
  mlem,
  sirt,
  tv_splitting,
  tv_pointwise
};
std::string_view name_of(algorithm);  // "condat-vu"
std::optional<algorithm> algorithm_named(std::string_view);
std::span<const algorithm> all_algorithms();
/// Whether it tells the residual of linear equations in place of a change of x: cg, pcg, lsqr.
bool solves_equations(algorithm);

/// A number that a choice rests on, and where it comes from.
struct constant {
  std::string what;  // "||K|| of 0.02 l21", "L", "tau"
  double lower, upper;
  std::string origin;
};

/// How a problem is solved, and why: what --explain prints.
struct choice {
  algorithm method{};
  std::string problem_class;  // "1 smooth term + 1 term behind an operator + a constraint"
  std::string why;
  std::vector<constant> constants{};
  std::vector<op_ptr> unknown{};  // steps need their norms: estimate them, and choose again
  index_t memory_bytes = 0;       // of the iteration, without the operators' tables
  bool backtracking = false;      // gradient steps have no constant that holds everywhere
  composite parts{};              // how the terms are divided
};

/// The algorithm for a problem from its terms' abilities; with `asked` that one, or a usage_error
/// that says why it cannot. In turn:
///
///   all terms quadratic, near convolutions, a regulariser     pcg
///   all terms quadratic                                       cg
///   smooth, and at most one with a prox, of x itself          fista
///   two with a prox of x itself, none smooth                  douglas_rachford
///   quadratics, and circular convolutions before the rest     admm, exact in the Fourier domain
///   blurs, bounds and tv (solver/tv_deconvolution.hpp)        tv_splitting
///   masks, weights, bounds and tv (solver/tv_pointwise.hpp)   tv_pointwise
///   quadratics, rays among them, and all near convolutions    admm, inner conjugate gradients
///   quadratics, and others behind operators                   pdhg
///   smooth ones, and others behind operators                  condat_vu
///   others behind operators                                   pdhg
///
/// Smooth: with a gradient whose Lipschitz constant is known and holds everywhere. Who asks for
/// fista or gradient_descent gets them for any gradient: where no constant holds everywhere (kl),
/// steps are found by backtracking. lsqr, mlem and sirt are for those who ask. shape_error: terms
/// that do not fit; usage_error: no algorithm does.
choice choose(const problem&, std::optional<algorithm> asked = {});

struct solver_settings {
  std::optional<cvec> start{};  // absent: 0 (mlem: 1)
  std::shared_ptr<const inner_product> product{};
};
/// usage_error: a norm that is still unknown.
std::unique_ptr<solver> make_solver(queue&, const problem&, const choice&,
                                    const solver_settings& = {});

}  // namespace ir
