#include "stage/solve_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "expr/load_array.hpp"
#include "fn/ball.hpp"
#include "fn/box.hpp"
#include "fn/combine.hpp"
#include "fn/half_square.hpp"
#include "fn/huber.hpp"
#include "fn/l1.hpp"
#include "fn/poisson.hpp"
#include "op/norm_bounds.hpp"
#include "stage/element.hpp"

namespace ir {
namespace {

using kind = fidelity_options::kind;

/// One number for all rows of the range, or one for each.
double of_row(const std::vector<double>& list, std::size_t row, std::size_t rows,
              const char* what) {
  if (list.size() != 1 && list.size() != rows)
    throw usage_error(
        fmt::format("{} numbers of {}, and the operator has {} rows", list.size(), what, rows));
  return list.size() == 1 ? list[0] : list[row];
}

/// An element with values[row] in each real of block `row`.
owned_vec by_row(queue& q, const space& s, precision p, const std::vector<double>& list,
                 const char* what) {
  owned_vec out(q, s, p);
  const std::size_t rows = s.blocks().size();
  for (std::size_t b = 0; b < rows; ++b) {
    const ref block = vec(out).block(static_cast<int>(b));
    const std::vector<double> values(
        static_cast<std::size_t>(block.extents.count() * (is_complex(block.type) ? 2 : 1)),
        of_row(list, b, rows, what));
    const dtype from = is_complex(block.type) ? dtype::c128 : dtype::f64;
    copy(q, cref(values.data(), from, block.extents), block);
    q.synchronize();
  }
  return out;
}

index_t reals_of(const space& s) {
  index_t n = 0;
  for (const space::block& b : s.blocks())
    n += b.extents.count() * (b.of == field::complex ? 2 : 1);
  return n;
}

/// ||A x - y|| <= sqrt(m) sigma
term discrepancy_term(queue& q, const solve_options& o, const op_ptr& A, cvec y) {
  const space& range = A->range();
  const double m = std::sqrt(static_cast<double>(reals_of(range)));
  if (o.sigma.size() == 1)
    return {1, shifted(q, make_ball(range, ball_norm::l2, m * o.sigma[0]), y), A};
  throw usage_error("--weight auto takes one --sigma for all rows of the data");
}

/// Of rows [first, first + blocks of y) among all rows of the data.
term fidelity_of(queue& q, const fidelity_options& f, const op_ptr& A, cvec y, std::size_t first,
                 std::size_t rows, precision p) {
  const space& range = y.in();
  switch (f.what) {
    case kind::l1:
      return {1, shifted(q, std::make_shared<l1>(range), y), A};
    case kind::huber:
      return {1, shifted(q, std::make_shared<huber>(range, f.delta), y), A};
    case kind::kl:
      return {1, std::make_shared<poisson>(q, y, f.background), A};
    case kind::l2:
      break;
  }
  const std::vector<double> one{1.0};
  const std::vector<double>& weights = f.weights.empty() ? one : f.weights;
  if (range.blocks().size() == 1) {
    const double w = of_row(weights, first, rows, "weights (wl2)");
    if (w > 0)
      return {w, std::make_shared<half_square>(q, range, half_square::data{.centre = y}), A};
  }
  const std::size_t here = range.blocks().size();
  std::vector<double> part;
  for (std::size_t b = 0; b < here; ++b)
    part.push_back(of_row(weights, first + b, rows, "weights (wl2)"));
  const owned_vec w = by_row(q, range, p, part, "weights (wl2)");
  return {1, std::make_shared<half_square>(q, range, half_square::data{.centre = y, .diagonal = w}),
          A};
}

/// The weights of a file as an element of the range.
owned_vec weight_map(queue& q, const std::string& file, const space& range, precision p) {
  const array_ptr map = expr::load_array(file, {}, 0);
  owned_vec w(q, range, p);
  load_element(q, cref(map->values.data(), dtype::f64, map->extents), w);
  q.synchronize();
  return w;
}

/// Rows of a stack are terms of their own: solvers that know each by itself do better.
void add_rows(queue& q, const fidelity_options& f, const op_ptr& A, cvec y, std::size_t first,
              std::size_t rows, precision p, std::vector<term>& out) {
  if (A->name() != "stack") {
    out.push_back(fidelity_of(q, f, A, y, first, rows, p));
    return;
  }
  int block = 0;
  for (const op_ptr& row : A->parts()) {
    const space& range = row->range();
    add_rows(q, f, row, y.slice(block, range), first + static_cast<std::size_t>(block), rows, p,
             out);
    block += static_cast<int>(range.blocks().size());
  }
}

/// Every operator of a problem that steps may depend on.
void tighten(queue& q, const linear_operator& A, precision p) {
  constexpr double width = 0.05;      // 5 % shorter steps cost 5 % of the iterations
  constexpr index_t most_steps = 60;  // about as much as that many iterations
  const auto known = A.norm();
  if (known && is_narrow(*known, width)) return;
  tight_norm(q, A, p, {.width = width, .most_steps = most_steps});
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
  if (!o.fidelity.weight_map.empty())
    out.weights = weight_map(q, o.fidelity.weight_map, out.A->range(), p);
  if (o.bounds) out.constraint = std::make_shared<box>(domain, (*o.bounds)[0], (*o.bounds)[1]);
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
  else if (o.discrepancy)
    out.fidelities.push_back(discrepancy_term(q, o, t.A, y));
  else
    add_rows(q, o.fidelity, t.A, y, 0, y.in().blocks().size(), p, out.fidelities);
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
