#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/dtype.hpp"
#include "core/registry.hpp"
#include "op/op_spec.hpp"
#include "op/sparse_entries.hpp"

namespace ir {

/// An array that an expression names as a file, on the host. Complex numbers are pairs of values.
struct loaded_array {
  std::string name;  // as the user wrote it, for messages
  shape extents;
  field of = field::real;
  std::vector<double> values;
  std::shared_ptr<const sparse_entries> sparse{};  // a matrix: instead of values
  /// By the trailing axes, for messages: "mask 'm.tif' (480x640)".
  std::string described() const { return "'" + name + "' (" + to_string(extents) + ")"; }
};
using array_ptr = std::shared_ptr<const loaded_array>;

struct fn_spec;  // fn/functional.hpp

/// What an argument of a call in an expression is.
using argument = std::variant<double, std::string, std::vector<double>, spec_ptr, array_ptr,
                              std::shared_ptr<const fn_spec>>;

/// What a parameter takes. The language converts: one number where numbers are taken is a list of
/// one; a bare name where a word is taken is that word.
enum class argument_kind : std::uint8_t {
  number,
  numbers,  // 1 or 1,2,3
  word,     // a name out of a few
  array,    // @file
  matrix,   // @file, which may be a sparse matrix
  op,       // an operator
  kernel,   // @file, or an operator with a PSF: gaussian(1.5)
  functional
};

struct parameter {
  std::string name;
  argument_kind takes;
  std::string help;
  std::optional<argument> fallback{};  // absent: it must be given
};

/// What the expression language, --help and ir-expr(7) know of an operator.
struct op_entry {
  std::string name, summary;
  std::vector<parameter> takes;
  /// Arguments in the order of `takes`, absent ones as their fallback, of the kinds that `takes`
  /// says. usage_error: a value out of range. The caller sets the node's column.
  std::function<std::shared_ptr<op_spec>(std::span<const argument>)> make;
};
template <>
std::vector<op_entry>& registry_of<op_entry>();

/// Null: no such operator.
const op_entry* find_op(std::string_view name);
/// Arguments by name for `make`: fallbacks filled in. usage_error naming the parameter: an unknown
/// one, one without fallback absent, or of another kind.
std::vector<argument> arguments_for(std::string_view name, std::span<const parameter>,
                                    std::vector<std::pair<std::string, argument>> given);
std::vector<argument> arguments_for(const op_entry&,
                                    std::vector<std::pair<std::string, argument>> given);

/// What an argument holds; bug_error: another kind.
double number(const argument&);
/// usage_error: not whole, or not from `least` to `most`.
index_t whole_number(const argument&, const char* name, index_t least,
                     index_t most = index_t{1} << 53);
std::vector<double> numbers(const argument&);
const std::string& word(const argument&);
array_ptr loaded(const argument&);
spec_ptr operand(const argument&);
std::shared_ptr<const fn_spec> functional_operand(const argument&);

/// Whether an array stands for each element of x's leading axes. shape_error: it has not x's
/// trailing axes, or is complex and x is not; x has several blocks.
void require_trailing_axes(const space& x, const loaded_array&);

/// Element `axis` of a list with one number for all axes, or one for each of `rank` axes, slowest
/// first. usage_error: another count; `what`: "spacing".
double for_axis(const std::vector<double>& list, int axis, int rank, const char* what);

}  // namespace ir
