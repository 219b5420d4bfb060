#pragma once
#include "fn/functional.hpp"
#include "op/registry.hpp"

namespace ir {

/// weight f(A x) before spaces are known; A null: the identity.
struct term_spec {
  double weight = 1;
  fn_spec_ptr f;
  spec_ptr A{};
};

/// What the expression language and ir-expr(7) know of a functional.
struct fn_entry {
  std::string name, summary;
  std::vector<parameter> takes;
  /// As op_entry::make. A pair such as tv is a functional with its operator.
  std::function<term_spec(std::span<const argument>)> make;
};
template <>
std::vector<fn_entry>& registry_of<fn_entry>();

/// Null: no such functional.
const fn_entry* find_fn(std::string_view name);

/// A functional of one line: `build` makes it for a space.
fn_spec_ptr functional_of(std::function<fn_ptr(const space&, precision, queue&)> build);
/// weight f, for an f that is an argument.
fn_spec_ptr scaled(double weight, fn_spec_ptr f);

}  // namespace ir
