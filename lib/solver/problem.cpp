#include "solver/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "fn/combine.hpp"
#include "solver/division.hpp"

namespace ir {
namespace {

using enum algorithm;
constexpr std::array<std::pair<algorithm, std::string_view>, 14> names{
    {{cg, "cg"},
     {pcg, "pcg"},
     {algorithm::lsqr, "lsqr"},
     {gradient_descent, "gradient-descent"},
     {fista, "fista"},
     {pdhg, "pdhg"},
     {condat_vu, "condat-vu"},
     {pd3o, "pd3o"},
     {douglas_rachford, "douglas-rachford"},
     {algorithm::admm, "admm"},
     {algorithm::mlem, "mlem"},
     {algorithm::sirt, "sirt"},
     {algorithm::tv_splitting, "tv-splitting"},
     {algorithm::tv_pointwise, "tv-pointwise"}}};

double value_of(queue& q, const std::vector<term>& terms, cvec x) {
  double sum = 0;
  for (const term& t : terms) {
    if (!t.A) {
      sum += t.weight * t.f->value(q, x);
      continue;
    }
    const scratch_vec Ax(q, t.A->range(), x.type());
    t.A->apply(q, x, Ax);
    sum += t.weight * t.f->value(q, Ax);
  }
  return sum;
}

}  // namespace

double fidelity_of(queue& q, const problem& p, cvec x) { return value_of(q, p.fidelities, x); }

double objective_of(queue& q, const problem& p, cvec x) {
  return value_of(q, p.fidelities, x) + value_of(q, p.regularisers, x) +
         (p.constraint ? p.constraint->value(q, x) : 0);
}

std::string_view name_of(algorithm a) {
  return std::find_if(names.begin(), names.end(), [=](auto& n) { return n.first == a; })->second;
}

std::optional<algorithm> algorithm_named(std::string_view name) {
  for (const auto& [a, its] : names)
    if (its == name) return a;
  return {};
}

bool solves_equations(algorithm a) { return a == cg || a == pcg || a == algorithm::lsqr; }

std::span<const algorithm> all_algorithms() {
  static constexpr auto all = [] {
    std::array<algorithm, names.size()> list{};
    for (std::size_t i = 0; i < names.size(); ++i) list[i] = names[i].first;
    return list;
  }();
  return all;
}

}  // namespace ir
