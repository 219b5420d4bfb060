#include "cli/expr_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/text.hpp"
#include "cli/troff.hpp"
#include "fn/registry.hpp"

namespace ir {
namespace {

constexpr std::string_view grammar =
    R"page(An expression tells a linear operator, a map of images to images that a program can apply without a matrix. Tools take it as -A EXPR; it needs no quotes but those of the shell around its blanks, brackets and stars.

  ir-apply x.tif -A "downsample(2) * blur(gaussian(1.5))" -o y.tif

Blanks separate, nothing else. Numbers are decimal; names begin with a letter; files are @path, or @"path" where it has blanks or brackets, in any format that ir-read reads, also file.h5:/path. The grammar:

  sum      = product { ("+" | "-") product }
  product  = sign { ("*" | "/") sign }
  sign     = "-" sign | postfix
  postfix  = primary { ".H" }
  primary  = NUMBER | NAME | NAME "(" [ argument { "," argument } ] ")"
           | FILE | STRING | "(" sum ")" | LIST | STACK
  argument = [ NAME "=" ] sum
  LIST     = "[" sum { "," sum } "]"
  STACK    = "[" sum { ";" sum } "]"

"*" is typed by its operands: numbers multiply, a number scales an operator, operators compose, the right one first. "+" and "-" add operators of one domain and one range; [A; B] stacks them: both see the same image, and the result is both of theirs. A.H or adj(A) is the adjoint, normal(A) is A.H * A. Arguments are given by position or by name; a list of numbers is [1, 2], or one number for all axes, in the order of the axes, slowest first, or the values of an @file.

A functional f maps images to numbers. A number before it is a weight, which is above 0, f * A is x -> f(A x), and + adds functionals: "0.02 * tv + nonneg", "0.1 * l1 * wavelet(db2)".

The domain (extents of the image) follows from the data, or from --domain where several would fit; every node is checked against it before anything is computed, and a mistake is shown with a caret below it.)page";

std::string taken(const parameter& p) {
  const auto value = [&]() -> std::string {
    if (!p.fallback) return "";
    if (const double* x = std::get_if<double>(&*p.fallback)) return fmt::format("={}", *x);
    if (const auto* w = std::get_if<std::string>(&*p.fallback)) return "=" + *w;
    if (const auto* all = std::get_if<std::vector<double>>(&*p.fallback)) {
      if (all->size() == 1) return fmt::format("={}", all->front());
      std::string list;
      for (const double x : *all) list += fmt::format("{}{}", list.empty() ? "" : ", ", x);
      return "=[" + list + "]";
    }
    return "";
  };
  return p.name + value();
}

template <class Entry>
std::string call_of(const Entry& e) {
  std::string inside;
  for (const parameter& p : e.takes) inside += (inside.empty() ? "" : ", ") + taken(p);
  return inside.empty() ? e.name : fmt::format("{}({})", e.name, inside);
}

template <class Entry>
std::string text_of(const Entry& e) {
  std::string text = e.summary + ".";
  for (const parameter& p : e.takes) text += fmt::format(" {}: {}.", p.name, p.help);
  return text;
}

/// What registers itself, by name.
template <class Entry>
std::string list_of(std::string_view heading) {
  const auto all = registered<Entry>::all();
  std::vector<Entry> entries(all.begin(), all.end());
  std::ranges::sort(entries, {}, &Entry::name);
  std::string out = fmt::format(".SH {}\n", heading);
  for (const Entry& e : entries) out += troff_definition(call_of(e), text_of(e));
  return out;
}

}  // namespace

std::string expr_page() {
  std::string page = troff_title("ir-apply --ir-emit expr", "IR-EXPR", 7);
  page += ".SH NAME\nir\\-expr \\- the language of operators and functionals\n";
  page += troff_section("DESCRIPTION", grammar);
  page += list_of<op_entry>("OPERATORS") + list_of<fn_entry>("FUNCTIONALS");
  return page + ".SH SEE ALSO\n.BR ir-apply (1),\n.BR ir (7)\n";
}

}  // namespace ir
