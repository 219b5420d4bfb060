#pragma once
#include "denoise/denoiser.hpp"
#include "fn/tv_dual.hpp"

namespace ir {

/// How the weight follows from the noise where none is given.
enum class tv_rule : std::uint8_t {
  sigma,        // `tv_weight` times sigma
  discrepancy,  // sum (x - f)^2 / sigma = sum sigma, over values: found while iterating
  sure          // least estimate of the risk (tv_sure.hpp): one sigma
};

struct tv_options {
  tv_kind kind = tv_kind::isotropic;
  /// w of 1/2 ||x - f||^2 + w TV(x), in the unit of the data. With a map of sigma: its mean, in
  /// proportion to the map. Unset: by `rule`.
  std::optional<double> weight = {};
  tv_rule rule = tv_rule::sigma;
  double gap = 1e-4;          // (primal - dual) / primal at which to stop; >= 0
  index_t iterations = 2000;  // at most: the gap told says whether it was reached
};

/// The weight for noise of standard deviation 1, best on average for photographs at sigma 15, 25,
/// 50 of 255: 0.77, for 3 channels 1.2 (Set12 and BSD68; nine colour photographs, whose best ones
/// have the medians 1.09, 1.19, 1.32); anisotropic 0.63 (BSD68).
double tv_weight(tv_kind, index_t channels);

/// Total variation denoising (Rudin, Osher, Fatemi, Physica D 60 (1992) 259), vectorial over
/// channels: the minimiser of sum (x - f)^2 / (2 w) + TV(x) to a relative duality gap, f32 or f64.
///
/// Slabs: each is solved with its halo; the planes that are kept carry their dual values, of which
/// the x written is exactly f - w D'p, so that the gap told is that of the whole image.
///
/// facts    sigma, weight, gap (relative, of all that was written), iterations (most of a slab)
/// throws   usage_error: an option out of range, `discrepancy` or `sure` with slabs, `sure` with a
///          map of sigma;
///          numeric_error: NaN or infinity in the data
std::unique_ptr<denoiser> make_total_variation(const tv_options& = {});

}  // namespace ir
