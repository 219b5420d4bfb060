#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "stage/denoise.hpp"
#include "stage/denoise_images.hpp"

namespace ir {

/// What frames and slabs share on their way through a denoiser: mask, map and estimate of the
/// noise, the check of what goes in and comes out, the mixing.
class image_denoiser {
 public:
  image_denoiser(std::shared_ptr<const denoiser>, const denoise_options&, const image_layout&,
                 dtype work);

  dtype work() const { return work_; }
  const denoiser& method() const { return *method_; }

  /// A frame, or a part of the frame, of the array with role mask.
  void take_mask(queue&, cref part);
  /// After the mask, before the first image. shape_error, data_error: a map does not fit or holds
  /// what is no standard deviation; the mask leaves nothing.
  void prepare(queue&);

  bool estimates() const { return o_.needs_sigma && !o_.sigma && o_.sigma_file.empty(); }
  bool keeps_estimate() const { return o_.estimate == denoise_options::per::stack && estimated_; }
  void estimated(queue&, double sigma);

  /// Puts 0 where planes [first, ...) of an image are no data; data_error: anything else is not
  /// finite.
  void clean(queue&, ref image, index_t first, index_t frame) const;
  /// The mask for planes [first, ...) of an image.
  std::optional<cref> valid(index_t first, const shape& image) const;
  /// One slab, which begins at plane `first` of the image. numeric_error: NaN was made.
  void slab(queue&, denoising&, cref image, index_t first, plane_range keep, ref out,
            index_t frame) const;

 private:
  bool has_mask() const { return !mask_.empty(); }
  const std::uint8_t* valid_from(index_t first) const;
  void mix(queue&, const noisy_image&, plane_range keep, ref out) const;
  void read_sigma(queue&);

  std::shared_ptr<const denoiser> method_;
  denoise_options o_;
  image_layout layout_;
  dtype work_;
  std::vector<double> mask_;
  array valid_, map_;
  double map_sigma_ = 0;
  std::optional<double> estimated_;
};

}  // namespace ir
