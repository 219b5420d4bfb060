#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "core/array.hpp"
#include "core/queue.hpp"
#include "core/space.hpp"

namespace ir {

enum class tv_kind : std::uint8_t { isotropic, anisotropic };

/// minimise sum_i (x_i - f_i)^2 / (2 w_i) + TV(x): forward differences, border without a gradient.
/// TV sums, over pixels, one norm of all channels' differences along all axes (isotropic), or one
/// for each axis (anisotropic).
struct tv_problem {
  cref f;  // (c, z, y, x), (c, y, x) or (c, x); f32 or f64
  double weight = 1;
  std::optional<cref> weights =
      {};  // (z, y, x), in the type of f: w of each pixel, > 0; else `weight`
  std::optional<cref> valid = {};  // (z, y, x), u8: 0 where a pixel has no data term
  tv_kind kind = tv_kind::isotropic;
};

/// Sums over pixels; what is minimised and how far the dual value is from it: for the minimiser x*,
/// sum_i (x_i - x*_i)^2 / (2 w_i) <= gap.
struct tv_energy {
  double primal = 0, gap = 0;
  double misfit = 0;  // sum (x_i - f_i)^2 / (2 w_i), a part of primal
  double relative() const { return primal > 0 ? gap / primal : 0; }
  tv_energy& operator+=(const tv_energy& e) {
    primal += e.primal;
    gap += e.gap;
    misfit += e.misfit;
    return *this;
  }
};

/// A plane of the slowest axis of a result and its dual values: what the next slab needs.
struct tv_seam {
  std::vector<double> x, p;  // (c, plane), (axis, c, plane): the last axis is the slowest
};

/// Accelerated primal-dual iterations (Chambolle, Pock 2011, algorithm 2, with x first) on dual
/// values |p| <= 1. The result is x = f - w D'p, whose gap is sum |Dx| - p.Dx, where every pixel
/// has a data term. A pixel without one is kept within the range of the valid pixels, where some
/// minimiser lies, so that the gap stays finite.
///
/// Dual values follow in two halves, those of the even planes of the slowest axis first: what their
/// change does to x is seen by the odd ones at once (Gauss-Seidel). A half's differences have a
/// smaller norm than all, and the steps may be longer by that: 1.5 times in an image, for 30 %
/// fewer iterations. That these steps converge is measured, not proved; the gap tells, and
/// `tv_solve` retreats from them where it does not fall. Images with maps take the proved ones.
///
/// Works on f less its mean: an offset takes no digits from the differences.
///
/// Planes of the slowest axis go through several iterations while they lie in the cache: bands in
/// parallel, then the planes around the bands' seams. Same bits for any number of threads.
///
/// source   Chambolle, Pock, J. Math. Imaging Vis. 40 (2011) 120; product of the steps up to
///          4/3 / L^2: Li, Yan, arXiv:2110.04127; steps by pixel: Pock, Chambolle, ICCV 2011
class tv_dual {
 public:
  /// f and the maps must outlive it; it takes scratch memory until it is destroyed. usage_error: a
  /// weight that is not above 0; data_error: no pixel is valid; shape_error: extents or types.
  static std::unique_ptr<tv_dual> make(queue&, const tv_problem&);
  static index_t scratch_bytes(const shape& f, dtype, device = {});
  virtual ~tv_dual() = default;

  virtual index_t planes() const = 0;
  /// w, or with `weights` their mean over the valid pixels.
  virtual double weight() const = 0;
  /// All weights times `factor`; the iterations go on from where they are.
  virtual void scale_weight(double factor) = 0;
  virtual void iterate(queue&, index_t iterations) = 0;
  /// From now on the steps that are proved to converge, should the faster ones not.
  virtual void retreat() = 0;
  /// Makes x of planes [first, last), kept until the next iteration, and its energy, with the
  /// differences from `before` to them; those from the last plane to the next are left out unless
  /// `last` is the end. `before`: the seam of the planes before `first`, in place of the own.
  virtual tv_energy evaluate(queue&, index_t first, index_t last,
                             const tv_seam* before = nullptr) = 0;
  /// These planes, evaluated before, into `to`, (c, last - first, y, x).
  virtual void result(queue&, index_t first, index_t last, ref to) const = 0;
  /// The last plane of x, evaluated before, which ends with plane `last` - 1.
  virtual tv_seam seam(queue&, index_t last) const = 0;
};

struct tv_stop {
  double gap = 1e-4;  // relative
  index_t iterations = 2000;
  /// Where set: one weight for all pixels is scaled while iterating, until sum (x_i - f_i)^2 is
  /// this to a relative 1e-3 (or x is constant, and no weight reaches it).
  std::optional<double> misfit = {};
};
struct tv_outcome {
  tv_energy energy;
  index_t iterations = 0;
};
/// Iterates until the gap of all planes is small enough; they are evaluated.
tv_outcome tv_solve(queue&, tv_dual&, const tv_stop&);

}  // namespace ir
