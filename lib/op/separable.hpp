#pragma once
#include <string>
#include <vector>

#include "op/axis_matrix.hpp"
#include "op/blur_kernel.hpp"
#include "op/linear_operator.hpp"
#include "op/table.hpp"

namespace ir {

/// A matrix along each of some axes, one after the other: y = (M_1 (x) M_2 (x) ...) x. Cropping,
/// padding, sampling and separable filters are this operator with other matrices.
///
/// domain  one block, real or complex, any unit
/// range   the same block with the rows of M_a elements on axis a
/// norm    the product of the matrices' norms: bounds of them as norm_of(axis_matrix) proves them
class separable_operator final : public linear_operator, public known_blur {
 public:
  struct factor {
    int axis;
    axis_matrix matrix;
  };
  /// `name`: what reports call it. `range`: other extents for the same elements. `known`: traits
  /// beyond those that the matrices show. `blur`: what it is, if that. shape_error: an axis that the domain lacks, or whose
  /// extent is not the matrix's number of columns.
  separable_operator(queue&, const space& domain, const std::vector<factor>&, precision,
                     std::string name, std::optional<space> range = {}, traits known = {},
                     std::optional<blur_kernel> blur = {});
  const blur_kernel* kernel() const override { return blur_ ? &*blur_ : nullptr; }

  /// The range before other extents are given.
  static space range_of(const space& domain, const std::vector<factor>&);

 private:
  struct rows {
    table<index_t> start, column;
    real_table weight;
    repeated_row middle;  // on a CPU
  };
  struct pass {
    int axis;
    rows forward, backward;
  };
  enum class side : std::uint8_t { forward, backward };

  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  void run(queue&, side, std::size_t done, cref from, ref to, mode) const;
  static void run_pass(queue&, const rows&, int axis, cref from, ref to, mode);
  std::optional<bound> do_norm() const override { return norm_; }
  std::string do_name() const override { return name_; }
  index_t do_scratch(precision) const override;

  std::string name_;
  std::optional<blur_kernel> blur_;
  std::vector<pass> passes_;
  std::vector<shape> between_;  // extents before the first pass, after it, ... after the last
  bound norm_;
};

}  // namespace ir
