#pragma once
#include <memory>

#include "fft/convolution.hpp"
#include "op/linear_operator.hpp"

namespace ir {

/// Blur with a PSF: y = H x on the last axes of x, as many as the PSF has; each element of the
/// leading axes (channels, batch) by itself. True convolution, centre of the PSF at floor(n/2);
/// `boundary` says what x is beyond its edges, and the adjoint is exact for each
/// (fft/convolution.hpp).
///
/// domain, range  (..., spatial), any unit
/// norm           <= sum |h| for circular and zero boundaries (Young); unknown for the others
class convolution_operator final : public linear_operator {
 public:
  /// `psf` lies on the host, any real type, rank 1 to 3. shape_error: more axes than x; data_error:
  /// NaN, or a sum <= 0 that is to become 1.
  convolution_operator(queue&, const shape& extents, cref psf, boundary, psf_sum, precision);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::optional<bound> do_norm() const override;
  index_t do_scratch(precision) const override;

  std::shared_ptr<const convolution> engine_;
  std::optional<double> absolute_sum_;
};

}  // namespace ir
