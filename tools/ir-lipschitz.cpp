// ir-lipschitz: bounds of the norm of an operator.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/tool.hpp"
#include "expr/evaluate.hpp"
#include "expr/load_array.hpp"
#include "io/metadata.hpp"
#include "op/norm_bounds.hpp"

namespace {

struct options {
  std::string expression, functional;
  ir::shape domain;
  std::optional<int> spatial;
  std::optional<double> tight;
  bool complex = false, check = false;
  ir::index_t svd = 0;
};

void declare(ir::option_table& t, options& o) {
  t.describe(
      "Prints bounds of the norm ||A|| of a linear operator, lower <= ||A|| <= upper, with the way "
      "they were found, and below those of ||A||^2. ||A|| is the largest factor by which A "
      "lengthens an image, its Lipschitz constant and its largest singular value: step sizes of "
      "iterative methods come from the upper bound.\n\n"
      "Closed forms are used where they exist and are carried through sums, products and stacks; "
      "what has none is bounded by iteration. --tight W iterates on the whole expression until "
      "upper - lower <= W lower; exit code 1 where that is not reached. The table lists the nodes "
      "of the expression.\n\n"
      "With -f the answer is the Lipschitz constant of the gradient of a functional: for a sum of "
      "w f(A x) that of sum of w L_f ||A||^2, from above.");
  t.add("-A,--operator", o.expression, "the operator, as in ir-expr(7)").metavar("EXPR");
  t.add("-f,--functional", o.functional, "the functional, as in ir-expr(7)").metavar("EXPR");
  t.add("--domain", o.domain, "extents of the images, slowest axis first")
      .required()
      .metavar("N,N");
  t.add("--spatial", o.spatial, "how many of the last axes are space; the others are channels")
      .fallback("all")
      .at_least(1)
      .metavar("N");
  t.add("--complex", o.complex, "images are complex");
  t.add("--tight", o.tight, "wanted relative width of the interval").positive().metavar("W");
  t.add("--check", o.check, "check the adjoint law <A x, y> = <x, A^H y>; exit 1 where it fails");
  t.add("--svd", o.svd, "bounds of the K largest singular values too").at_least(0).metavar("K");
  t.add_example("ir-lipschitz -A gradient --domain 64,64", "A closed form.");
  t.add_example("ir-lipschitz -A 'downsample(2) * blur(gaussian(1.5))' --domain 64,64 --tight 1e-3",
                "A product, bounded tightly.");
  t.add_example(
      "ir-lipschitz -A 'mask(@mask.npy) * blur(gaussian(1))' --domain 16,16 --check --json",
      "The adjoint law, as JSON.");
  t.add_example("ir-lipschitz -f '0.5 * square * gradient' --domain 32,32",
                "The constant of a gradient.");
}

struct node {
  int depth;
  std::string name, from, to;
  std::optional<ir::bound> norm;
};

void list_nodes(const ir::linear_operator& A, int depth, std::vector<node>& out) {
  out.push_back({depth, A.name(), to_string(A.domain()), to_string(A.range()), A.norm()});
  for (const ir::op_ptr& part : A.parts()) list_nodes(*part, depth + 1, out);
}

std::string node_json(const node& n) {
  const std::string norm =
      n.norm ? fmt::format(R"("lower":{},"upper":{},"method":{})", ir::json_number(n.norm->lower),
                           ir::json_number(n.norm->upper), ir::json_quoted(n.norm->how))
             : R"("lower":null,"upper":null,"method":null)";
  return fmt::format(R"({{"node":{},"depth":{},"domain":{},"range":{},{}}})",
                     ir::json_quoted(n.name), n.depth, ir::json_quoted(n.from),
                     ir::json_quoted(n.to), norm);
}

std::string table_text(const std::vector<node>& nodes) {
  std::size_t names = 4, maps = 6;
  for (const node& n : nodes) {
    names = std::max(names, n.name.size() + 2 * static_cast<std::size_t>(n.depth));
    maps = std::max(maps, n.from.size() + n.to.size() + 4);
  }
  std::string text;
  for (const node& n : nodes)
    text += fmt::format(
        "{:<{}}  {:<{}}  {}\n", std::string(static_cast<std::size_t>(2 * n.depth), ' ') + n.name,
        names, fmt::format("{} -> {}", n.from, n.to), maps,
        n.norm ? fmt::format("[{:.8g}, {:.8g}]  {}", n.norm->lower, n.norm->upper, n.norm->how)
               : "not known");
  return text;
}

/// A bound of every leaf, so that every composite has one.
void bound_leaves(ir::queue& q, const ir::linear_operator& A, ir::precision type) {
  for (const ir::op_ptr& part : A.parts()) bound_leaves(q, *part, type);
  if (!A.norm()) ir::tight_norm(q, A, type);
}

struct finding {
  std::string text, members;
  bool good = true;
};

std::string interval(double lower, double upper) {
  return fmt::format("[{:.8g}, {:.8g}]", lower, upper);
}

finding check(ir::queue& q, const ir::linear_operator& A, const ir::context& c) {
  const ir::adjoint_check law = ir::check_adjoint(q, A, c.type);
  return {fmt::format("adjoint  {}: |<A x, y> - <x, A^H y>| is {:.2g} of its scale, rounding "
                      "explains {:.2g}\n",
                      law.holds() ? "holds" : "FAILS", law.gap, law.allowed),
          fmt::format(R"(,"adjoint_gap":{},"adjoint_allowed":{},"adjoint":{})",
                      ir::json_number(law.gap), ir::json_number(law.allowed), law.holds()),
          law.holds()};
}

finding values(ir::queue& q, const ir::linear_operator& A, ir::index_t count, const ir::context& c,
               const ir::norm_options& how) {
  finding out;
  std::string list;
  for (const ir::bound& b : ir::singular_values(q, A, c.type, count, how)) {
    out.text += fmt::format("value    {}  {}\n", interval(b.lower, b.upper), b.how);
    list += fmt::format(R"({}{{"lower":{},"upper":{}}})", list.empty() ? "" : ",",
                        ir::json_number(b.lower), ir::json_number(b.upper));
  }
  out.members = fmt::format(R"(,"singular_values":[{}])", list);
  return out;
}

std::string constant_json(const ir::bound& b, const std::string& nodes) {
  return fmt::format(R"("lower":{},"upper":{},"method":{},"nodes":[{}])", ir::json_number(b.lower),
                     ir::json_number(b.upper), ir::json_quoted(b.how), nodes);
}

ir::exit_code bound_operator(const options& o, ir::context& c, ir::queue& q, const ir::space& x,
                             const ir::spec_ptr& spec) {
  ir::norm_options how;
  if (o.tight) how.width = *o.tight;
  const ir::op_ptr A = ir::expr::pointing(o.expression, [&] { return spec->build(x, c.type, q); });
  if (o.tight)
    ir::tight_norm(q, *A, c.type, how);
  else
    bound_leaves(q, *A, c.type);
  const ir::bound b = *A->norm();
  finding more{"", "", !o.tight || ir::is_narrow(b, *o.tight)};
  if (o.check) {
    const finding f = check(q, *A, c);
    more = {more.text + f.text, more.members + f.members, more.good && f.good};
  }
  if (o.svd > 0) {
    const finding f = values(q, *A, o.svd, c, how);
    more.text += f.text;
    more.members += f.members;
  }
  std::vector<node> nodes;
  list_nodes(*A, 0, nodes);
  std::string list;
  for (const node& n : nodes) list += (list.empty() ? "" : ",") + node_json(n);
  c.answer(
      fmt::format("||A||    {}  {}\n||A||^2  {}\n{}\n{}", interval(b.lower, b.upper), b.how,
                  interval(b.lower * b.lower, b.upper * b.upper), more.text, table_text(nodes)),
      fmt::format(R"({{"tool":"ir-lipschitz",{}{}}})", constant_json(b, list), more.members));
  return more.good ? ir::exit_code::ok : ir::exit_code::negative;
}

ir::exit_code bound_gradient(const options& o, ir::context& c, ir::queue& q, const ir::space& x,
                             const std::vector<ir::term_spec>& terms) {
  ir::norm_options how;
  if (o.tight) how.width = *o.tight;
  ir::bound all{0, 0, "sum of w L ||A||^2"};
  std::string text, list;
  for (const ir::term_spec& t : terms) {
    double square = 1;
    ir::space of = x;
    if (t.A) {
      const ir::op_ptr A =
          ir::expr::pointing(o.functional, [&] { return t.A->build(x, c.type, q); });
      if (o.tight)
        ir::tight_norm(q, *A, c.type, how);
      else
        bound_leaves(q, *A, c.type);
      square = std::pow(A->norm()->upper, 2);
      of = A->range();
    }
    const ir::fn_ptr f = t.f->build(of, c.type, q);
    if (!f->can().gradient || !f->can().lipschitz)
      throw ir::usage_error(fmt::format("{} has no gradient with a Lipschitz constant", f->name()));
    const double constant = t.weight * f->can().lipschitz->upper * square;
    all.upper += constant;
    text += fmt::format("{:.8g}  {} {}: {:.8g} * {:.8g}\n", constant, t.weight, f->name(),
                        f->can().lipschitz->upper, square);
    list +=
        fmt::format(R"({}{{"node":{},"weight":{},"lipschitz":{},"norm_square":{}}})",
                    list.empty() ? "" : ",", ir::json_quoted(f->name()), ir::json_number(t.weight),
                    ir::json_number(f->can().lipschitz->upper), ir::json_number(square));
  }
  c.answer(fmt::format("L        {}  {}\n\n{}", interval(all.lower, all.upper), all.how, text),
           fmt::format(R"({{"tool":"ir-lipschitz",{}}})", constant_json(all, list)));
  return ir::exit_code::ok;
}

ir::exit_code run(const options& o, ir::context& c) {
  if (o.expression.empty() == o.functional.empty())
    throw ir::usage_error("give either an operator (-A) or a functional (-f)");
  if (!o.functional.empty() && (o.check || o.svd > 0))
    throw ir::usage_error("--check and --svd are of an operator (-A)");
  const ir::expr::array_loader load = ir::expr::load_operand;
  if (o.spatial && *o.spatial > o.domain.rank())
    throw ir::usage_error(
        fmt::format("--spatial {}: the domain has {} axes", *o.spatial, o.domain.rank()));
  const ir::space x(o.domain, o.complex ? ir::field::complex : ir::field::real, o.spatial);

  ir::stage_plan plan;
  plan.type = c.type;
  plan.where = c.available.where.value_or(ir::device{});
  plan.why = c.available.where ? "asked for" : "norms are found on the CPU";
  plan.host_bytes = 8 * scratch_bytes_of(x, c.type);
  if (!o.functional.empty()) {
    const auto terms = ir::expr::read_functional(o.functional, load);
    return bound_gradient(o, c, c.start(plan), x, terms);
  }
  const ir::spec_ptr A = ir::expr::read_operator(o.expression, load);
  ir::expr::domain_for(o.expression, A, x, {});
  return bound_operator(o, c, c.start(plan), x, A);
}

const ir::registered<ir::tool> entry{
    ir::report<options>("ir-lipschitz", "Bound the norm of a linear operator", declare, run)};

}  // namespace
