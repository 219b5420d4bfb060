#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "fn/combine.hpp"
#include "op/difference.hpp"
#include "solver/division.hpp"
#include "solver/tv_deconvolution.hpp"
#include "tomo/ray_transform.hpp"

namespace ir {
namespace {

using detail::term_kinds;
using enum algorithm;

struct verdict_on {
  algorithm method;
  std::string why;
};

template <class Operator>
bool has(const op_ptr& A) {
  return A && (dynamic_cast<const Operator*>(A.get()) != nullptr ||
               std::ranges::any_of(A->parts(), has<Operator>));
}

verdict_on best(const problem& p, const term_kinds& n) {
  const int proxes_of_x = n.simple + (p.constraint ? 1 : 0);
  const bool rays = std::ranges::any_of(p.fidelities, has<ray_transform>, &term::A);
  const bool quadratic = n.smooth > 0 && n.quadratic == n.smooth;  // what is smooth
  if (n.only_quadratic && !p.regularisers.empty() && detail::is_preconditioned(p) && !rays)
    return {pcg, "all terms are quadratic, and an inverse is near that of their sum"};
  if (n.only_quadratic) return {cg, "all terms are quadratic: the minimum solves a linear system"};
  if (n.coupled == 0 && n.smooth > 0 && proxes_of_x <= 1)
    return {fista, "the rest is smooth, and one prox of x itself is in closed form"};
  if (n.coupled == 0 && n.smooth == 0 && proxes_of_x == 2)
    return {douglas_rachford, "two terms, each with a prox of x itself, none smooth"};
  if (detail::is_tv_pointwise(p))
    return {algorithm::tv_pointwise,
            "total variation, and data at points of the image: primal-dual steps fused into one "
            "pass over memory"};
  if (detail::is_tv_deconvolution(p))
    return {tv_splitting, tv_deconvolution::reason(p.fidelities, p.constraint)};
  if (quadratic && n.convolutions)
    return {algorithm::admm,
            "every operator is a circular convolution, so the quadratic step is exact in the "
            "Fourier domain"};
  if (quadratic && rays && detail::is_near_circulant(p))
    return {algorithm::admm,
            "rays, whose normal equations are nearly diagonal in the Fourier domain: few steps of "
            "conjugate gradients keep the quadratic step"};
  if (quadratic && std::ranges::any_of(p.regularisers, has<hessian>, &term::A) &&
      detail::is_near_circulant(p))
    return {algorithm::admm,
            "second derivatives, whose large norm makes primal-dual steps short: few steps of "
            "conjugate gradients keep the quadratic step"};
  if (quadratic)
    return {
        pdhg,
        "quadratics have a prox too: behind their operators, with adaptive steps, they converge "
        "faster than by gradient steps"};
  if (n.smooth > 0)
    return {condat_vu,
            "smooth terms and terms behind operators: gradient steps, and a ratio of steps that "
            "adapts"};
  return {pdhg, "terms that only have a prox, behind operators: nothing is inverted"};
}

std::string reason(algorithm a) { return fmt::format("{} was asked for", name_of(a)); }

// Elements of the domain and of the coupled terms' ranges that an algorithm holds.
index_t memory_of(const problem& p, const choice& c) {
  index_t domain = scratch_bytes_of(p.domain, p.type), range = 0, data = 0;
  for (const term& t : c.parts.coupled) range += scratch_bytes_of(t.f->domain(), p.type);
  for (const term& t : c.parts.smooth)
    data = std::max(data, scratch_bytes_of(t.f->domain(), p.type));
  switch (c.method) {
    case cg:
    case pcg:
    case algorithm::lsqr:
    case fista:
    case gradient_descent:
      return 5 * domain + data;
    case pdhg:
    case condat_vu:
    case pd3o:
      return 6 * domain + 4 * range + data;
    case algorithm::tv_pointwise:
      return 6 * domain + range;
    case tv_splitting:
      return 7 * domain + 2 * range + data;
    case algorithm::admm:
      return 9 * domain + 6 * range + data;
    default:
      return 5 * domain + 3 * data;
  }
}

}  // namespace

choice choose(const problem& p, std::optional<algorithm> asked) {
  if (p.fidelities.empty()) throw usage_error("a problem without a fidelity term");
  const term_kinds n = detail::kinds_of(p);
  const verdict_on found = asked ? verdict_on{*asked, reason(*asked)} : best(p, n);
  choice c{found.method, detail::describe(p, n), found.why};
  if (!asked) c.why += detail::why_not_fused(p);
  c.parts = detail::divide(p, c.method);
  detail::add_constants(p, c);
  if (c.backtracking)
    c.why += "; no constant of the gradient holds everywhere: steps by backtracking";
  c.memory_bytes = memory_of(p, c);
  return c;
}

}  // namespace ir
