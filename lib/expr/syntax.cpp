#include "expr/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "expr/lexer.hpp"

namespace ir::expr {
namespace {

constexpr int most_depth = 200;  // of nested brackets: the parser recurses

class parser {
 public:
  explicit parser(std::string_view expression) : from_(expression) {}

  node whole() {
    if (from_.peek().kind == token::end) fail("an expression is expected");
    node out = sum();
    if (from_.peek().kind != token::end)
      fail(fmt::format("an operator (+ - * / .H) or the end is expected, not {}",
                       describe(from_.peek())));
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { fail(what, from_.peek().column); }
  [[noreturn]] void fail(const std::string& what, int column) const {
    throw expression_error(what, from_.whole(), column);
  }
  bool ahead(std::string_view sign) const {
    return from_.peek().kind == token::sign && from_.peek().text == sign;
  }
  void expect(std::string_view sign, std::string_view opened, int column) {
    if (from_.accept(sign)) return;
    fail(fmt::format("'{}' is expected here (it closes '{}' at column {}), not {}", sign, opened,
                     column, describe(from_.peek())));
  }

  static node both(node::kind_t kind, int column, node a, node b) {
    node out{kind, column};
    out.children.push_back(std::move(a));
    out.children.push_back(std::move(b));
    return out;
  }
  static node one(node::kind_t kind, int column, node a) {
    node out{kind, column};
    out.children.push_back(std::move(a));
    return out;
  }

  node sum() {
    node left = product();
    while (ahead("+") || ahead("-")) {
      const token sign = from_.take();
      left = both(sign.text == "+" ? node::sum : node::difference, sign.column, std::move(left),
                  product());
    }
    return left;
  }

  node product() {
    node left = signed_one();
    while (ahead("*") || ahead("/")) {
      const token sign = from_.take();
      left = both(sign.text == "*" ? node::product : node::quotient, sign.column, std::move(left),
                  signed_one());
    }
    return left;
  }

  node signed_one() {
    if (++depth_ > most_depth) fail(fmt::format("nested deeper than {}", most_depth));
    node out;
    if (ahead("-")) {
      const int column = from_.take().column;
      out = one(node::negative, column, signed_one());
    } else {
      out = postfix();
    }
    --depth_;
    return out;
  }

  node postfix() {
    node out = primary();
    while (ahead(".H")) out = one(node::adjoint, from_.take().column, std::move(out));
    return out;
  }

  node primary() {
    const token& t = from_.peek();
    switch (t.kind) {
      case token::number:
        return leaf(node::number);
      case token::string:
        return leaf(node::string);
      case token::file:
        return leaf(node::file);
      case token::name: {
        node out = leaf(node::name);
        return ahead("(") ? call(std::move(out)) : out;
      }
      default:
        break;
    }
    if (ahead("(")) {
      const int column = from_.take().column;
      node out = sum();
      expect(")", "(", column);
      return out;
    }
    if (ahead("[")) return bracket();
    fail(fmt::format("a number, name, file (@path) or bracket is expected, not {}", describe(t)));
  }

  node leaf(node::kind_t kind) {
    token t = from_.take();
    node out{kind, t.column, t.value};
    if (kind != node::number) out.text = std::move(t.text);
    return out;
  }

  node call(node out) {
    const int opened = from_.take().column;
    out.kind = node::call;
    if (from_.accept(")")) return out;
    do {
      node value = sum();
      std::string keyword;
      if (ahead("=")) {
        if (value.kind != node::name) fail("a keyword is a name", value.column);
        from_.take();
        keyword = value.text;
        value = sum();
      }
      out.children.push_back(std::move(value));
      out.keywords.push_back(std::move(keyword));
    } while (from_.accept(","));
    expect(")", "(", opened);
    return out;
  }

  node bracket() {
    const int opened = from_.take().column;
    node out{node::list, opened};
    out.children.push_back(sum());
    const std::string sign = ahead(";") ? ";" : ",";
    if (sign == ";") out.kind = node::stack;
    while (from_.accept(sign)) out.children.push_back(sum());
    if (ahead(sign == ";" ? "," : ";"))
      fail("one bracket has either ',' (a list) or ';' (a stack)");
    expect("]", "[", opened);
    return out;
  }

  lexer from_;
  int depth_ = 0;
};

/// How strongly a node holds together: what is weaker needs brackets inside.
int strength(const node& n) {
  switch (n.kind) {
    case node::sum:
    case node::difference:
      return 1;
    case node::product:
    case node::quotient:
      return 2;
    case node::negative:
      return 3;
    default:
      return 4;
  }
}

std::string bracketed(const node& n, int least) {
  return strength(n) < least ? fmt::format("({})", to_string(n)) : to_string(n);
}

std::string listed(const std::vector<node>& nodes, std::string_view separator) {
  std::string out;
  for (const node& n : nodes)
    out += fmt::format("{}{}", out.empty() ? "" : separator, to_string(n));
  return out;
}

std::string call_text(const node& n) {
  std::string inside;
  for (std::size_t i = 0; i < n.children.size(); ++i)
    inside += fmt::format("{}{}{}{}", i ? ", " : "", n.keywords[i],
                          n.keywords[i].empty() ? "" : "=", to_string(n.children[i]));
  return fmt::format("{}({})", n.text, inside);
}

}  // namespace

std::string with_caret(std::string_view what, std::string_view expression, int column) {
  constexpr std::size_t width = 76;
  std::string line(expression);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  std::size_t caret = static_cast<std::size_t>(std::max(1, column)) - 1;
  caret = std::min(caret, line.size());
  if (line.size() > width) {
    const std::size_t begin =
        std::min(caret > width / 2 ? caret - width / 2 : 0, line.size() + 1 - width);
    line = (begin ? "..." : "") + line.substr(begin, width);
    caret = caret - begin + (begin ? 3 : 0);
  }
  return fmt::format("{}\n  {}\n  {}^", what, line, std::string(caret, ' '));
}

expression_error::expression_error(std::string_view what, std::string_view expression, int column,
                                   code_place place)
    : usage_error(with_caret(what, expression, column), place) {}

node parse(std::string_view expression) { return parser(expression).whole(); }

block_counts blocks_of(const node& n) {
  constexpr block_counts number{0, 0};
  const auto operand = [&](std::size_t i) { return blocks_of(n.children[i]); };
  switch (n.kind) {
    case node::number:
      return number;
    case node::stack: {
      block_counts all{0, operand(0).domain};
      for (const node& row : n.children) all.range += blocks_of(row).range;
      return all;
    }
    case node::call:
      if (n.children.size() == 1 && n.text == "normal")
        return {operand(0).domain, operand(0).domain};
      if (n.children.size() != 1 || n.text != "adj") return {};
      [[fallthrough]];
    case node::adjoint:
      return {operand(0).domain, operand(0).range};
    case node::negative:
    case node::sum:
    case node::difference:
    case node::quotient:
      return operand(0);
    case node::product: {
      const block_counts a = operand(0), b = operand(1);
      if (a.range == 0) return b;
      if (b.range == 0) return a;
      return {a.range, b.domain};
    }
    default:
      return {};
  }
}

std::string to_string(const node& n) {
  switch (n.kind) {
    case node::number:
      return fmt::format("{}", n.value);
    case node::name:
      return n.text;
    case node::string:
      return fmt::format("\"{}\"", n.text);
    case node::file:
      return fmt::format("@\"{}\"", n.text);
    case node::call:
      return call_text(n);
    case node::list:
      return fmt::format("[{}]", listed(n.children, ", "));
    case node::stack:
      return fmt::format("[{}]", listed(n.children, "; "));
    case node::negative:
      return "-" + bracketed(n.children[0], 3);
    case node::adjoint:
      return bracketed(n.children[0], 4) + ".H";
    default:
      break;
  }
  const bool weak = strength(n) == 1;
  const char* sign = n.kind == node::sum          ? " + "
                     : n.kind == node::difference ? " - "
                     : n.kind == node::product    ? " * "
                                                  : " / ";
  return bracketed(n.children[0], weak ? 1 : 2) + sign + bracketed(n.children[1], weak ? 2 : 3);
}

}  // namespace ir::expr
