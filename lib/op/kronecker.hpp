#pragma once
#include "op/linear_operator.hpp"

namespace ir {

/// Through an operator or through its adjoint.
enum class line_pass : std::uint8_t { forward, backward };

/// Y = A X B^T for each matrix X in the last two axes: B along the rows, then A along the columns,
/// line by line. With X as one column in C order this is the Kronecker product of A and B.
///
/// domain  (..., n1, n2), any unit; A takes (n1), B takes (n2)
/// range   (..., m1, m2); A gives (m1), B gives (m2)
/// norm    ||A|| ||B||
class kronecker final : public linear_operator {
 public:
  /// shape_error: spaces do not fit as above; where B makes complex numbers of real ones, A takes
  /// these.
  kronecker(const space& domain, op_ptr A, op_ptr B);

  /// The spaces of B's and A's arguments, and the range, from what each makes of its argument.
  static space row_of(const space& domain);
  static space column_of(const space& domain, const space& range_of_B);
  static space range_of(const space& domain, const space& range_of_A, const space& range_of_B);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  void run(queue&, line_pass, cvec from, vec to, mode) const;
  std::optional<bound> do_norm() const override;
  std::string do_name() const override { return "kron"; }
  std::span<const op_ptr> do_parts() const override { return parts_; }
  index_t do_scratch(precision) const override;

  op_ptr parts_[2];
  index_t images_;
  space between_;  // (n1, m2)
};

}  // namespace ir
