#include "solver/division.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "fn/combine.hpp"
#include "op/identity.hpp"
#include "solver/circulant.hpp"
#include "solver/tv_deconvolution.hpp"
#include "solver/tv_pointwise.hpp"
#include "solver/tv_term.hpp"

namespace ir::detail {
namespace {

using enum algorithm;

bool is_prox(const term& t) { return t.f->can().prox != offer::none; }

[[noreturn]] void refuse(algorithm a, const std::string& why) {
  throw usage_error(fmt::format("{} cannot solve this: {}", name_of(a), why));
}

// Prox terms of x itself beyond one, and everything behind operators.
composite primal_dual_parts(const problem& p, bool smooth_as_gradients, algorithm a) {
  composite parts;
  parts.simple = p.constraint;
  for (const term& t : terms_of(p)) {
    if (smooth_as_gradients && is_smooth(t)) {
      parts.smooth.push_back(t);
    } else if (!is_prox(t)) {
      refuse(a, t.f->name() + " has no prox");
    } else if (!t.A && !parts.simple) {
      parts.simple = scaled(t.weight, t.f);
    } else {
      parts.coupled.push_back(t);
    }
  }
  if (parts.coupled.empty() && parts.simple) {
    parts.coupled.push_back({1, parts.simple});
    parts.simple = nullptr;
  }
  if (parts.coupled.empty()) refuse(a, "no term has a prox that it could use");
  return parts;
}

composite gradient_parts(const problem& p, algorithm a) {
  composite parts;
  parts.simple = p.constraint;
  for (const term& t : terms_of(p)) {
    const bool takes_prox = !t.A && !parts.simple && is_prox(t);
    if (is_smooth(t) || (!takes_prox && is_searchable(t)))
      parts.smooth.push_back(t);
    else if (t.A)
      refuse(a, fmt::format("{} is not smooth and stands behind an operator", t.f->name()));
    else if (parts.simple)
      refuse(a, fmt::format("{} and {} both need a prox", parts.simple->name(), t.f->name()));
    else if (!is_prox(t))
      refuse(a, fmt::format("{} has neither a constant for its gradient nor a prox", t.f->name()));
    else
      parts.simple = scaled(t.weight, t.f);
  }
  if (parts.smooth.empty()) refuse(a, "no term is smooth");
  return parts;
}

composite splitting_parts(const problem& p) {
  composite parts;
  parts.simple = p.constraint;
  for (const term& t : terms_of(p)) {
    if (t.f->quadratic())
      parts.smooth.push_back(t);
    else if (is_prox(t))
      parts.coupled.push_back(t);
    else
      refuse(algorithm::admm, t.f->name() + " is no quadratic and has no prox");
  }
  if (parts.coupled.empty() && !parts.simple)
    refuse(algorithm::admm, "every term is quadratic: cg does that");
  return parts;
}

composite two_proxes(const problem& p) {
  composite parts;
  parts.simple = p.constraint;
  for (const term& t : terms_of(p)) {
    if (t.A || !is_prox(t))
      refuse(douglas_rachford, t.f->name() + " is not a term with a prox of x itself");
    if (!parts.simple)
      parts.simple = scaled(t.weight, t.f);
    else
      parts.coupled.push_back(t);
  }
  if (parts.coupled.size() != 1) refuse(douglas_rachford, "it takes two terms");
  return parts;
}

composite data_alone(const problem& p, algorithm a) {
  if (p.fidelities.size() != 1 || !p.regularisers.empty() || p.fidelities[0].weight != 1 ||
      !p.fidelities[0].A)
    refuse(a, "it takes one fidelity behind an operator, and no regulariser");
  if (a == algorithm::mlem && p.constraint && p.constraint->name() != "nonnegative")
    refuse(a, "it knows no constraint but x >= 0, which it keeps by itself");
  return {p.fidelities, p.constraint, {}};
}

}  // namespace

bool is_tv_deconvolution(const problem& p) {
  return p.where.kind == device::cpu && p.regularisers.size() == 1 &&
         tv_deconvolution::fits(p.fidelities, p.regularisers[0], p.constraint);
}

bool is_tv_pointwise(const problem& p) {
  return p.where.kind == device::cpu && p.regularisers.size() == 1 &&
         tv_pointwise::fits(p.fidelities, p.regularisers[0], p.constraint);
}

std::string why_not_fused(const problem& p) {
  if (!std::ranges::any_of(p.regularisers, is_tv) || is_tv_pointwise(p)) return {};
  std::string_view why = "it runs on a CPU";
  if (p.regularisers.size() > 1)
    why = "there is more than one regulariser";
  else if (p.where.kind == device::cpu)
    why = tv_deconvolution::obstacle(p.fidelities, p.regularisers[0], p.constraint);
  return why.empty() ? "" : fmt::format("; not {}: {}", name_of(tv_splitting), why);
}

bool is_near_circulant(const problem& p) { return circulant::fits(p.domain, terms_of(p)); }

bool is_preconditioned(const problem& p) {
  return is_near_circulant(p) || std::ranges::all_of(terms_of(p), [](const term& t) {
           return !t.A || t.A->properties().diagonal;
         });
}

bool is_smooth(const term& t) {
  const abilities& can = t.f->can();
  return can.gradient && can.finite && can.lipschitz && std::isfinite(can.lipschitz->upper);
}

bool is_searchable(const term& t) { return t.f->can().gradient; }

std::vector<term> terms_of(const problem& p) {
  std::vector<term> all = p.fidelities;
  all.insert(all.end(), p.regularisers.begin(), p.regularisers.end());
  for (term& t : all)
    if (dynamic_cast<const identity*>(t.A.get()) != nullptr) t.A = nullptr;
  return all;
}

term_kinds kinds_of(const problem& p) {
  term_kinds n;
  n.only_quadratic = !p.constraint;
  for (const term& t : terms_of(p)) {
    const auto form = t.f->quadratic();
    const bool smooth = is_smooth(t), quadratic = form.has_value();
    n.smooth += smooth;
    n.quadratic += smooth && quadratic;
    n.simple += !smooth && !t.A;
    n.coupled += !smooth && t.A;
    n.only_quadratic = n.only_quadratic && quadratic;
    n.convolutions =
        n.convolutions && (!t.A || t.A->properties().convolution_bank) && !(form && form->diagonal);
    if (!smooth && !is_prox(t))
      throw usage_error(fmt::format(
          "{} has neither a prox nor a known Lipschitz constant of its gradient: no algorithm here "
          "minimises it",
          t.f->name()));
  }
  return n;
}

std::string describe(const problem& p, const term_kinds& n) {
  std::string text;
  const auto add = [&](int count, std::string_view one, std::string_view many) {
    if (count == 0) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : " + ", count, count == 1 ? one : many);
  };
  add(n.quadratic, "quadratic term", "quadratic terms");
  add(n.smooth - n.quadratic, "smooth term", "smooth terms");
  add(n.simple, "term with a prox of x", "terms with a prox of x");
  add(n.coupled, "term with a prox behind an operator", "terms with a prox behind operators");
  return text + (p.constraint ? " + constraint " + p.constraint->name() : "");
}

composite divide(const problem& p, algorithm a) {
  switch (a) {
    case cg:
    case pcg:
    case algorithm::lsqr: {
      if (!kinds_of(p).only_quadratic) refuse(a, "not every term is quadratic");
      if (a == pcg && !is_preconditioned(p))
        refuse(a, "no inverse is near: some operator is neither near a convolution nor diagonal");
      return {terms_of(p), nullptr, {}};
    }
    case gradient_descent:
    case fista:
      return gradient_parts(p, a);
    case pdhg:
      return primal_dual_parts(p, false, a);
    case condat_vu:
    case pd3o:
      return primal_dual_parts(p, true, a);
    case algorithm::admm:
      return splitting_parts(p);
    case douglas_rachford:
      return two_proxes(p);
    case tv_splitting:
      if (!is_tv_deconvolution(p))
        refuse(a,
               "it takes quadratics behind circular blurs, or one behind another blur, tv with one "
               "spacing, and bounds, on a CPU");
      return {p.fidelities, p.constraint, p.regularisers};
    case algorithm::tv_pointwise:
      if (!is_tv_pointwise(p))
        refuse(a,
               "it takes quadratics behind masks, samples or the identity, and tv with one "
               "spacing, on a CPU");
      return {p.fidelities, p.constraint, p.regularisers};
    default:
      return data_alone(p, a);
  }
}

void add_constants(const problem&, choice& c) {
  const bool gradients = c.method == fista || c.method == gradient_descent ||
                         c.method == condat_vu || c.method == pd3o;
  const bool dual = c.method == pdhg || c.method == condat_vu || c.method == pd3o ||
                    c.method == algorithm::tv_pointwise;
  const auto norm_of = [&](const term& t) -> std::optional<double> {
    if (!t.A) return 1;
    const auto norm = t.A->norm();
    if (!norm) {
      c.unknown.push_back(t.A);
      return {};
    }
    c.constants.push_back({fmt::format("||{}|| before {}", t.A->name(), t.f->name()), norm->lower,
                           norm->upper, norm->how});
    return norm->upper;
  };
  double L = 0, K = 0;
  c.backtracking = gradients && !std::ranges::all_of(c.parts.smooth, is_smooth);
  if (gradients && !c.backtracking) {
    for (const term& t : c.parts.smooth) {
      const bound own = *t.f->can().lipschitz;
      L += t.weight * own.upper * std::pow(norm_of(t).value_or(0), 2);
    }
    if (c.unknown.empty())
      c.constants.push_back({"L", 0, L, "sum of weight, constant and ||A||^2 of the smooth terms"});
  }
  if (dual) {
    for (const term& t : c.parts.coupled) K += std::pow(norm_of(t).value_or(0), 2);
    if (c.unknown.empty())
      c.constants.push_back({"||K||^2", 0, K, "sum of ||K_j||^2 of the coupled terms"});
  }
  if (c.unknown.empty() && gradients && !dual && !c.backtracking && L > 0)
    c.constants.push_back({"tau", 1 / L, 1 / L, "1 / L"});
}

}  // namespace ir::detail
