#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "expr/syntax.hpp"
#include "fn/registry.hpp"

namespace ir::expr {

/// How "@name" becomes an array; called once for each name.
using array_loader = std::function<array_ptr(const std::string& name)>;

/// The operator that an expression tells: "mask(@m.tif) * blur(gaussian(1.5))".
///
/// Names are those of the operators that register themselves (op/registry.hpp), adj(A), which is
/// A.H, and normal(A) = A.H * A. `*` is typed by its operands: numbers scale, operators compose;
/// + and - add operators of one domain and range, [A; B] stacks them. In arguments a bare name is a
/// word where a word is taken.
///
/// expression_error: grammar, an unknown name (with the nearest known one), operands that do not go
/// together, arguments. Errors of the loader get a caret and keep their code.
spec_ptr read_operator(std::string_view expression, const array_loader&);

/// The functional that an expression tells, as the terms of a sum: "0.02 * tv + nonneg",
/// "0.1 * l1 * wavelet(db2)". A number before it is a weight, an operator after it composes:
/// f * A is x -> f(A x).
///
/// expression_error: as above, and weights that are not above 0 (a difference is not convex).
std::vector<term_spec> read_functional(std::string_view expression, const array_loader&);

/// Runs `f`; an error of a node (spec_error) gets the expression and a caret under the node.
template <class F>
auto pointing(std::string_view expression, F&& f) {
  try {
    return f();
  } catch (const spec_error& e) {
    throw error(e.code, with_caret(e.what(), expression, e.column), e.at);
  }
}

/// The domain of the operator of `expression`: `domain` if given, else the one that gives `range`.
/// Verified forwards where both are given. usage_error: neither follows from the other;
/// shape_error: they do not go together, with both.
space domain_for(std::string_view expression, const spec_ptr&, const std::optional<space>& domain,
                 const std::optional<space>& range);

/// The range on this domain.
space range_for(std::string_view expression, const spec_ptr&, const space& domain);

}  // namespace ir::expr
