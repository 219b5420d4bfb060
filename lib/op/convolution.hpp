#pragma once
#include <memory>

#include "core/error.hpp"
#include "fft/convolution.hpp"
#include "op/blur_kernel.hpp"
#include "op/linear_operator.hpp"
#include "op/op_spec.hpp"

namespace ir {

/// Blur with a PSF: y = H x on the last axes of x, as many as the PSF has; each element of the
/// leading axes (channels, batch) by itself. True convolution, centre of the PSF at floor(n/2);
/// `boundary` says what x is beyond its edges, and the adjoint is exact for each
/// (fft/convolution.hpp).
///
/// domain, range  (..., spatial), real, any unit
/// norm           op/blur_norm.hpp: exact for circular boundaries, proved bounds for the others
class convolution_operator final : public linear_operator, public known_blur {
 public:
  /// `psf` lies on the host, any real type, rank 1 to 3. shape_error: more axes than x, or x is no
  /// single real array; data_error: NaN, or a sum <= 0 that is to become 1.
  convolution_operator(queue&, const space& domain, cref psf, boundary, psf_sum, precision);
  /// The same on a space of these extents with as many spatial axes as the PSF has.
  convolution_operator(queue&, const shape& extents, cref psf, boundary, psf_sum, precision);
  const blur_kernel* kernel() const override { return &kernel_; }

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::optional<bound> do_norm() const override { return norm_; }
  std::string do_name() const override { return "blur"; }
  index_t do_scratch(precision) const override;

  std::shared_ptr<const convolution> engine_;
  blur_kernel kernel_;
  bound norm_;
};

/// A node that is a blur with a PSF of its own: gaussian(1.5), which blur(...) takes as its PSF.
class psf_spec : public op_spec {
 public:
  /// Extents of the PSF on images of `rank` axes, before any of it is made. shape_error: it has
  /// none.
  virtual shape psf_extents(int rank) const = 0;
  /// The PSF on `rank` axes as the outer product of one vector an axis, sum 1.
  virtual std::vector<std::vector<double>> factors(int rank) const = 0;
  /// Degrees by which it is turned in the plane of the last two axes, from +x to +y: 0, or it is no
  /// outer product and `turned` is asked for.
  virtual double angle() const { return 0; }
  /// Of `psf_extents(2)`, sum 1, centre at floor(n/2).
  virtual std::vector<double> turned() const { throw bug_error("this PSF is an outer product"); }
};

}  // namespace ir
