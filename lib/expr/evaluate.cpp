#include "expr/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <variant>

#include "core/nearest.hpp"
#include "op/spec_algebra.hpp"

namespace ir::expr {
namespace {

using numbers = std::vector<double>;
using spec = std::shared_ptr<op_spec>;
using terms = std::vector<term_spec>;
using value = std::variant<double, numbers, std::string, array_ptr, spec_ptr, terms>;

std::string described(const value& v) {
  constexpr const char* kinds[] = {"a number", "a list of numbers", "a word",
                                   "a file",   "an operator",       "a functional"};
  return kinds[v.index()];
}

std::vector<std::string> names_of(const std::vector<parameter>& all) {
  std::vector<std::string> names;
  for (const parameter& p : all) names.push_back(p.name);
  return names;
}

std::string guess(const std::vector<std::string>& known, std::string_view unknown) {
  const std::string nearest = nearest_name(known, unknown);
  return nearest.empty() ? std::string() : fmt::format(": is '{}' meant?", nearest);
}

std::vector<std::string> known_names() {
  std::vector<std::string> names{"adj", "normal"};
  for (const op_entry& e : registered<op_entry>::all()) names.push_back(e.name);
  for (const fn_entry& e : registered<fn_entry>::all()) names.push_back(e.name);
  return names;
}

class evaluator {
 public:
  evaluator(std::string_view expression, const array_loader& load)
      : text_(expression), load_(load) {}

  spec_ptr operand(const node& n) {
    const value v = evaluate(n);
    if (const spec_ptr* A = std::get_if<spec_ptr>(&v)) return *A;
    if (const auto* file = std::get_if<array_ptr>(&v))
      fail(fmt::format("an operator is expected, and '{}' is a file: mask(@{}), diagonal(@{}), "
                       "matrix(@{}) or blur(@{}) make one of it",
                       (*file)->name, (*file)->name, (*file)->name, (*file)->name, (*file)->name),
           n.column);
    if (std::holds_alternative<double>(v))
      fail("an operator is expected, and this is a number: it scales one (2 * identity)", n.column);
    fail(fmt::format("an operator is expected, not {}", described(v)), n.column);
  }

  terms functional(const node& n) {
    const value v = evaluate(n);
    if (const terms* all = std::get_if<terms>(&v)) return *all;
    fail(fmt::format("a functional is expected, not {}", described(v)), n.column);
  }

 private:
  [[noreturn]] void fail(const std::string& what, int column) const {
    throw expression_error(what, text_, column);
  }

  static value placed(const spec& A, int column) {
    A->column = column;
    return spec_ptr(A);
  }

  value evaluate(const node& n) {
    switch (n.kind) {
      case node::number:
        return n.value;
      case node::string:
        return n.text;
      case node::file:
        return load(n);
      case node::name:
        return named(n, {});
      case node::call:
        return named(n, n.children);
      case node::list:
        return list(n);
      case node::stack:
        return stack_of(n);
      case node::negative:
        return times(-1, n.children[0], n.column);
      case node::adjoint:
        return placed(ir::adjoint(operand(n.children[0])), n.column);
      case node::sum:
      case node::difference:
        return sum_of(n);
      case node::product:
        return product(n);
      case node::quotient:
        return quotient(n);
    }
    throw bug_error("an unknown node of an expression");
  }

  array_ptr load(const node& n) {
    array_ptr& known = arrays_[n.text];
    if (known) return known;
    try {
      known = load_(n.text);
    } catch (const error& e) {
      throw error(e.code, with_caret(e.what(), text_, n.column), e.at);
    }
    return known;
  }

  double number(const node& n) {
    const value v = evaluate(n);
    if (const double* x = std::get_if<double>(&v)) return *x;
    fail(fmt::format("a number is expected, not {}", described(v)), n.column);
  }

  value list(const node& n) {
    numbers out;
    for (const node& c : n.children) {
      const value v = evaluate(c);
      if (std::holds_alternative<spec_ptr>(v))
        fail("a list holds numbers; operators are stacked by ';': [A; B]", c.column);
      out.push_back(number(c));
    }
    return out;
  }

  value stack_of(const node& n) {
    std::vector<spec_ptr> rows;
    for (const node& c : n.children) rows.push_back(operand(c));
    return placed(ir::stack(std::move(rows)), n.column);
  }

  value times(double factor, const node& n, int column) {
    const value v = evaluate(n);
    if (const double* x = std::get_if<double>(&v)) return finite(factor * *x, column);
    if (const terms* all = std::get_if<terms>(&v)) return weighted(factor, *all, column);
    return placed(ir::scale(factor, as_operator(v, n)), column);
  }

  value weighted(double factor, terms all, int column) const {
    if (!(factor > 0)) fail("the weight of a functional is above 0", column);
    for (term_spec& t : all) t.weight *= factor;
    return all;
  }

  /// x -> f(A x)
  value composed(terms all, const spec_ptr& A, int column) const {
    for (term_spec& t : all) {
      if (!t.A) {
        t.A = A;
        continue;
      }
      const spec both = compose(t.A, A);
      both->column = column;
      t.A = both;
    }
    return all;
  }

  value finite(double x, int column) const {
    if (!std::isfinite(x)) fail("this number is out of range", column);
    return x;
  }

  spec_ptr as_operator(const value& v, const node& n) {
    const spec_ptr* A = std::get_if<spec_ptr>(&v);
    return A ? *A : operand(n);  // which says what is wrong
  }

  value sum_of(const node& n) {
    const value a = evaluate(n.children[0]), b = evaluate(n.children[1]);
    const double sign = n.kind == node::sum ? 1 : -1;
    const auto *x = std::get_if<double>(&a), *y = std::get_if<double>(&b);
    if (x && y) return finite(*x + sign * *y, n.column);
    if (x || y)
      fail("a number is added to a number only: multiples of x are c * identity", n.column);
    const auto *f = std::get_if<terms>(&a), *g = std::get_if<terms>(&b);
    if (f && g) {
      if (sign < 0) fail("a difference of functionals is not convex", n.column);
      terms all = *f;
      all.insert(all.end(), g->begin(), g->end());
      return all;
    }
    if (f || g) fail("a functional is added to a functional only", n.column);
    const spec_ptr A = as_operator(a, n.children[0]), B = as_operator(b, n.children[1]);
    if (sign > 0) return placed(ir::sum({A, B}), n.column);
    const spec negative = ir::scale(-1, B);
    negative->column = n.children[1].column;
    return placed(ir::sum({A, negative}), n.column);
  }

  value product(const node& n) {
    const value a = evaluate(n.children[0]), b = evaluate(n.children[1]);
    const auto *x = std::get_if<double>(&a), *y = std::get_if<double>(&b);
    if (x && y) return finite(*x * *y, n.column);
    const auto *f = std::get_if<terms>(&a), *g = std::get_if<terms>(&b);
    if (x && g) return weighted(*x, *g, n.column);
    if (f && y) return weighted(*y, *f, n.column);
    if (g) fail("a functional stands before the operator: f * A is x -> f(A x)", n.column);
    if (f) return composed(*f, as_operator(b, n.children[1]), n.column);
    if (x) return placed(ir::scale(*x, as_operator(b, n.children[1])), n.column);
    if (y) return placed(ir::scale(*y, as_operator(a, n.children[0])), n.column);
    return placed(compose(as_operator(a, n.children[0]), as_operator(b, n.children[1])), n.column);
  }

  value quotient(const node& n) {
    const double by = number(n.children[1]);
    if (by == 0) fail("division by 0", n.column);
    return times(1 / by, n.children[0], n.column);
  }

  /// name or name(arguments)
  value named(const node& n, const std::vector<node>& arguments) {
    if (n.text == "adj" || n.text == "normal") return mirrored(n, arguments);
    if (const op_entry* e = find_op(n.text))
      return made(n, [&] { return placed(e->make(all_of(*e, n, arguments)), n.column); });
    if (const fn_entry* e = find_fn(n.text))
      return made(n, [&]() -> value { return terms{e->make(all_of(*e, n, arguments))}; });
    fail(fmt::format("there is no operator or functional '{}'{}", n.text,
                     guess(known_names(), n.text)),
         n.column);
  }

  template <class F>
  value made(const node& n, F&& make) const {
    try {
      return make();
    } catch (const expression_error&) {
      throw;  // of an argument
    } catch (const usage_error& wrong) {
      fail(wrong.what(), n.column);
    }
  }

  /// Arguments in the order of the entry's parameters.
  template <class Entry>
  std::vector<argument> all_of(const Entry& e, const node& n, const std::vector<node>& arguments) {
    return arguments_for(e.name, e.takes, given(e.name, e.takes, n, arguments));
  }

  value mirrored(const node& n, const std::vector<node>& arguments) {
    if (arguments.size() != 1 || !n.keywords[0].empty())
      fail(fmt::format("{}(A) takes one operator", n.text), n.column);
    const spec_ptr A = operand(arguments[0]);
    return placed(n.text == "adj" ? ir::adjoint(A) : ir::normal(A), n.column);
  }

  std::vector<std::pair<std::string, argument>> given(const std::string& name,
                                                      const std::vector<parameter>& takes,
                                                      const node& n,
                                                      const std::vector<node>& arguments) {
    std::vector<std::pair<std::string, argument>> out;
    bool by_name = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string& keyword = n.keywords[i];
      const node& what = arguments[i];
      if (keyword.empty() && by_name)
        fail("arguments by position come before those by name", what.column);
      by_name = !keyword.empty();
      if (!by_name && i >= takes.size())
        fail(fmt::format("{} takes {} arguments at most", name, takes.size()), what.column);
      const auto p = by_name ? std::ranges::find(takes, keyword, &parameter::name)
                             : takes.begin() + static_cast<std::ptrdiff_t>(i);
      if (p == takes.end())
        fail(fmt::format("{} has no argument '{}'{}", name, keyword,
                         guess(names_of(takes), keyword)),
             what.column);
      if (std::ranges::find(out, p->name, &std::pair<std::string, argument>::first) != out.end())
        fail(fmt::format("{}: {} is given twice", name, p->name), what.column);
      out.emplace_back(p->name, taken(name, *p, what));
    }
    return out;
  }

  /// An argument that is one functional of x itself, with its weight.
  fn_spec_ptr of_x(const std::string& name, const node& n) {
    const terms all = functional(n);
    if (all.size() > 1)
      fail(fmt::format("{} takes one functional, and this is a sum of {}", name, all.size()),
           n.column);
    if (all[0].A)
      fail(fmt::format("{0} takes a functional of x itself: {0}(f, ...) * A is it behind an "
                       "operator",
                       name),
           n.column);
    return scaled(all[0].weight, all[0].f);
  }

  argument taken(const std::string& name, const parameter& p, const node& n) {
    if (p.takes == argument_kind::word) {
      if (n.kind != node::name && n.kind != node::string)
        fail(fmt::format("{}: {} is a word: {}", name, p.name, p.help), n.column);
      return n.text;
    }
    if (p.takes == argument_kind::op) return operand(n);
    if (p.takes == argument_kind::functional) return of_x(name, n);
    value v = evaluate(n);
    if (const auto* file = std::get_if<array_ptr>(&v)) {
      if ((*file)->sparse && p.takes != argument_kind::matrix)
        fail(fmt::format("{}: '{}' is a sparse matrix: matrix(@{}) takes it", name, (*file)->name,
                         (*file)->name),
             n.column);
      if (p.takes == argument_kind::numbers && (*file)->of == field::real)
        v = numbers((*file)->values);
    }
    return std::visit(
        [&](const auto& x) -> argument {
          using type = std::decay_t<decltype(x)>;
          constexpr bool one = std::is_same_v<type, double>;
          constexpr bool many = std::is_same_v<type, numbers>;
          constexpr bool file = std::is_same_v<type, array_ptr>;
          const bool fits =
              (one && (p.takes == argument_kind::number || p.takes == argument_kind::numbers)) ||
              (many && p.takes == argument_kind::numbers) ||
              (file && (p.takes == argument_kind::array || p.takes == argument_kind::matrix ||
                        p.takes == argument_kind::kernel)) ||
              (std::is_same_v<type, spec_ptr> && p.takes == argument_kind::kernel);
          if (!fits)
            fail(fmt::format("{}: {} is not {}: {}", name, p.name, described(v), p.help), n.column);
          if constexpr (std::is_same_v<type, terms>)
            throw bug_error("no argument is a functional");
          else
            return x;
        },
        v);
  }

  std::string_view text_;
  const array_loader& load_;
  std::map<std::string, array_ptr> arrays_;
};

}  // namespace

spec_ptr read_operator(std::string_view expression, const array_loader& load) {
  return evaluator(expression, load).operand(parse(expression));
}

std::vector<term_spec> read_functional(std::string_view expression, const array_loader& load) {
  return evaluator(expression, load).functional(parse(expression));
}

space domain_for(std::string_view expression, const spec_ptr& A, const std::optional<space>& domain,
                 const std::optional<space>& range) {
  return pointing(expression, [&]() -> space {
    std::optional<space> x = domain;
    if (!x && range) x = A->domain_of(*range);
    if (!x)
      throw usage_error(
          range ? fmt::format("several domains give {}: say which with --domain", to_string(*range))
                : "the domain does not follow from the expression: give it with --domain");
    const space y = A->range_of(*x);
    if (range && !same_blocks(y, *range))
      throw shape_error(fmt::format("the operator maps {} to {}, and the data are {}",
                                    to_string(*x), to_string(y), to_string(*range)));
    return *x;
  });
}

space range_for(std::string_view expression, const spec_ptr& A, const space& domain) {
  return pointing(expression, [&] { return A->range_of(domain); });
}

}  // namespace ir::expr
