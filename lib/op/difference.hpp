#pragma once
#include <vector>

#include "op/difference_kernel.hpp"
#include "op/linear_operator.hpp"

namespace ir {

/// What the operators of this file have in common: differences along the 1 to 3 spatial axes of one
/// real block, channels and batch axes before them each by itself. `spacing` > 0 in a length unit
/// L, one number or one for each spatial axis, slowest first (usage_error); `boundary` says what
/// lies beyond the edges (difference_axis); edge and reflect are the Neumann boundary.
struct difference_options {
  std::vector<double> spacing{1.0};
  boundary rule = boundary::edge;
};

/// Spatial gradient by forward differences:
///
///   (G x)_c [k] = (x[next voxel along c] - x[k]) / h_c
///
/// domain  (..., nz, ny, nx), any unit U
/// range   (d, domain): a component for each spatial axis, slowest first, in U / L
/// norm    ||G||^2 = sum_c s_c / h_c^2, exact: n elements have s = 4 sin^2(pi (n - 1) / (2 n)) for
///         edge and reflect, 4 sin^2(pi (2 n - 1) / (2 (2 n + 1))) for zero, for circular 4 if n is
///         even, else 4 cos^2(pi / (2 n))
///
/// Source: A. Chambolle, J. Math. Imaging Vis. 20 (2004) 89-97.
class gradient final : public linear_operator {
 public:
  gradient(const space& domain, const difference_options& = {});
  static space range_of(const space& domain);
  const difference_grid& grid() const { return grid_; }

 private:
  void do_apply(queue&, cvec x, vec g, mode) const override;
  void do_adjoint(queue&, cvec g, vec x, mode) const override;
  std::optional<bound> do_norm() const override;
  std::string do_name() const override { return "gradient"; }
  difference_grid grid_;
};

/// Sum of second differences: (L x)[k] = sum_c (x[next] - 2 x[k] + x[previous]) / h_c^2.
/// Self-adjoint; -G^H G, but for the zero boundary, which is 0 on both sides.
///
/// domain, range  as the gradient's domain; U / L^2
/// norm           sum_c t_c / h_c^2, exact: t = s of the gradient, 4 cos^2(pi / (2 (n + 1))) for
/// zero
class laplacian final : public linear_operator {
 public:
  laplacian(const space& domain, const difference_options& = {});

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::optional<bound> do_norm() const override;
  std::string do_name() const override { return "laplacian"; }
  difference_grid grid_;
};

/// Second derivatives: for each axis (x[next] - 2 x + x[previous]) / h^2, then for each pair a < b
/// sqrt 2 times the forward difference of forward differences, so that the sum of squares is that
/// of the whole symmetric matrix (Frobenius).
///
/// domain  as the gradient's
/// range   (d (d + 1) / 2, domain): aa, bb, cc, ab, ac, bc; U / L^2
/// norm    that of the laplacian, exact: H^H H = (G^H G)^2
class hessian final : public linear_operator {
 public:
  /// usage_error: boundary zero.
  hessian(const space& domain, const difference_options& = {});
  static space range_of(const space& domain);

 private:
  void do_apply(queue&, cvec x, vec h, mode) const override;
  void do_adjoint(queue&, cvec h, vec x, mode) const override;
  std::optional<bound> do_norm() const override;
  std::string do_name() const override { return "hessian"; }
  difference_grid grid_;
};

}  // namespace ir
