#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "denoise/denoiser.hpp"

namespace ir {

/// The standard deviation of white Gaussian noise in an image, robust against its texture.
///
/// Of all 8x8 patches (1x32 in a signal; the whole width of a smaller image) the 2 %, but at least
/// 200, with the least energy in the lower frequencies of their cosine transform are kept; sigma^2
/// is the mean square of these patches' highest frequencies, a quarter of the coefficients. White
/// noise has independent coefficients, so that the choice does not bias the result. Energies are
/// means over the channels; a channel constant over a patch says nothing; where half of the patches
/// are constant, the image is taken for one without noise. Patches with a pixel at a limit of the
/// values, where the noise was cut off, or with one no further than 8 pixels away are left out, as
/// long as 200 others or half of them remain.
///
/// Source: after N. N. Ponomarenko, V. V. Lukin, M. S. Zriakhov, A. Kaarna, J. Astola, "An
/// automatic approach to lossy compression of AVIRIS images", IGARSS 2007, and M. Colom, A. Buades,
/// "Analysis and extension of the Ponomarenko et al. method", Image Processing On Line 3, 2013.
///
/// What is looked at depends on the image's extents alone, so that an image estimated from a file
/// by bands and one in memory give the same bits.
class noise_level {
 public:
  /// Values at which larger and smaller ones were cut off.
  struct limits {
    double low, high;
  };

  /// `image`: (c, z, y, x), (c, y, x) or (c, x).
  explicit noise_level(const shape& image, std::optional<limits> = {});
  ~noise_level();

  /// Planes of the slowest spatial axis to be shown to `add`, in this order; together at most about
  /// a million pixels a channel, but at least 64 rows of an image, 4 planes of a volume.
  const std::vector<plane_range>& bands() const;
  /// (c, planes, y, x) in f32 or f64 on the host; `valid` like one channel in u8, 0: not data.
  /// shape_error: not the next band.
  void add(queue&, cref band, std::optional<cref> valid = {});
  /// In the unit of the data; 0 for data without noise. numeric_error: too few valid pixels, that
  /// is no patch of valid and finite ones.
  double sigma() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace ir
