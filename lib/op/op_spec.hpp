#pragma once
#include <memory>
#include <optional>

#include "core/error.hpp"
#include "op/linear_operator.hpp"

namespace ir {

/// What one application costs, and what the operator holds.
struct op_cost {
  double flops = 0, bytes = 0;  // arithmetic; memory read and written
  index_t table_bytes = 0, scratch_bytes = 0;
};

/// An error of a node of an expression; `column` is where the node begins in the text, from 1.
struct spec_error : error {
  spec_error(const error& e, int at_column) : error(e.code, e.what(), e.at), column(at_column) {}
  const int column;
};

/// A node of an expression: an operator before sizes are known. Allocates nothing before `build`,
/// so shapes are inferred and plans made without operators. Errors of a node with a column are
/// spec_errors (same code and message), those of an operand keep the operand's column.
class op_spec {
 public:
  virtual ~op_spec() = default;
  op_spec() = default;
  op_spec(const op_spec&) = delete;
  op_spec& operator=(const op_spec&) = delete;

  int column = 0;  // where it begins in the text, from 1; 0: made by hand

  /// shape_error: it cannot be applied to this domain.
  space range_of(const space& domain) const;
  /// The domain that gives this range; nullopt: several do, or none is known. A caller verifies it
  /// forwards.
  std::optional<space> domain_of(const space& range) const;
  op_cost cost(const space& domain, precision, device) const;
  /// The operator on this domain, its tables on the queue's device.
  op_ptr build(const space& domain, precision, queue&) const;

 private:
  virtual space do_range(const space& domain) const = 0;
  virtual op_ptr do_build(const space& domain, precision, queue&) const = 0;
  virtual std::optional<space> do_domain(const space&) const { return {}; }
  virtual op_cost do_cost(const space& domain, precision, device) const;  // x read, y written once
};
using spec_ptr = std::shared_ptr<const op_spec>;

}  // namespace ir
