#include "stage/solve_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/error.hpp"
#include "fn/box.hpp"
#include "fn/half_square.hpp"
#include "op/norm_bounds.hpp"

namespace ir {
namespace {

/// Every operator of a problem that steps may depend on.
void tighten(queue& q, const linear_operator& A, precision p) {
  constexpr double width = 0.05;      // 5 % shorter steps cost 5 % of the iterations
  constexpr index_t most_steps = 60;  // about as much as that many iterations
  const auto known = A.norm();
  if (known && is_narrow(*known, width)) return;
  tight_norm(q, A, p, {.width = width, .most_steps = most_steps});
}

/// Bounds and the regularisers that are bounds of x itself as one constraint, which algorithms keep
/// exactly; without any, another regulariser that is a constraint on x. Null: there is none.
fn_ptr constraint_among(const space& domain, const std::optional<std::array<double, 2>>& bounds,
                        std::vector<term>& terms) {
  constexpr double all = std::numeric_limits<double>::infinity();
  std::array<double, 2> both = bounds.value_or(std::array{-all, all});
  bool any = bounds.has_value();
  std::erase_if(terms, [&](const term& t) {
    const auto* one = t.A ? nullptr : dynamic_cast<const box*>(t.f.get());
    if (one == nullptr) return false;
    both = {std::max(both[0], one->low()), std::min(both[1], one->high())};
    return any = true;
  });
  if (any && both[0] > both[1])
    throw usage_error(
        fmt::format("nothing is within all bounds: {} to {} is empty", both[0], both[1]));
  if (any) return std::make_shared<box>(domain, both[0], both[1]);
  const auto other =
      std::ranges::find_if(terms, [](const term& t) { return !t.A && !t.f->can().finite; });
  if (other == terms.end()) return nullptr;
  fn_ptr found = other->f;
  terms.erase(other);
  return found;
}

}  // namespace

solve_terms build_terms(queue& q, const solve_options& o, const spec_ptr& A, const read_terms& read,
                        const space& domain, precision p) {
  solve_terms out;
  out.A = expr::pointing(o.expression, [&] { return A->build(domain, p, q); });
  for (const auto& [text, terms] : read.all)
    for (const term_spec& t : terms)
      expr::pointing(text, [&] {
        const op_ptr K = t.A ? t.A->build(domain, p, q) : nullptr;
        out.regularisers.push_back({t.weight, t.f->build(K ? K->range() : domain, p, q), K});
        return 0;
      });
  if (!o.fidelity.weight_maps.empty())
    out.weights = load_weights(q, o.fidelity.weight_maps, out.A->range(), p);
  if (o.discrepancy) out.within = make_discrepancy(out.A, o.sigma);
  out.constraint = constraint_among(domain, o.bounds, out.regularisers);
  return out;
}

problem problem_of(queue& q, const solve_options& o, const solve_terms& t, cvec y, precision p) {
  problem out{t.A->domain(), p, q.where(), {}, t.regularisers, t.constraint};
  if (t.weights)
    out.fidelities.push_back(
        {1,
         std::make_shared<half_square>(
             q, y.in(), half_square::data{.centre = y, .diagonal = cvec(*t.weights)}),
         t.A});
  else if (t.within)
    out.fidelities.push_back(discrepancy_term(q, *t.within, y, p));
  else
    out.fidelities = fidelity_terms(q, o.fidelity, t.A, y, p);
  return out;
}

choice choose_with_norms(queue& q, const problem& p, const std::string& solver) {
  std::optional<algorithm> asked;
  if (solver != "auto") asked = algorithm_named(solver);
  choice c = choose(p, asked);
  using enum algorithm;
  const bool steps = c.method == gradient_descent || c.method == fista || c.method == pdhg ||
                     c.method == condat_vu || c.method == pd3o;
  if (steps) {
    for (const auto* list : {&p.fidelities, &p.regularisers})
      for (const term& t : *list)
        if (t.A) tighten(q, *t.A, p.type);
  }
  for (const op_ptr& A : c.unknown) tighten(q, *A, p.type);
  return steps || !c.unknown.empty() ? choose(p, asked) : c;
}

std::vector<std::string> explanation(const problem& p, const choice& c, device where) {
  std::vector<std::string> out;
  const auto term_text = [](const term& t) {
    return fmt::format("{:.6g} {}{}", t.weight, t.f->name(),
                       t.A ? fmt::format(" of {} ({} -> {})", t.A->name(), to_string(t.A->domain()),
                                         to_string(t.A->range()))
                           : std::string());
  };
  out.push_back(fmt::format("unknowns   {}", to_string(p.domain)));
  for (const term& t : p.fidelities) out.push_back("fidelity   " + term_text(t));
  for (const term& t : p.regularisers) out.push_back("regulariser " + term_text(t));
  if (p.constraint) out.push_back("constraint " + p.constraint->name());
  out.push_back("class      " + c.problem_class);
  out.push_back(fmt::format("algorithm  {}: {}", name_of(c.method), c.why));
  for (const constant& k : c.constants)
    out.push_back(
        fmt::format("constant   {} in [{:.6g}, {:.6g}]: {}", k.what, k.lower, k.upper, k.origin));
  out.push_back(fmt::format("memory     {:.3g} MiB of vectors",
                            static_cast<double>(c.memory_bytes) / (1 << 20)));
  out.push_back(fmt::format("device     {}, {}", where.kind == device::cpu ? "cpu" : "gpu",
                            p.type == precision::f32 ? "f32" : "f64"));
  return out;
}

}  // namespace ir
