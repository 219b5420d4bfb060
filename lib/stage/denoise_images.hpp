#pragma once
#include "denoise/denoiser.hpp"
#include "denoise/noise_level.hpp"
#include "io/frame.hpp"

namespace ir {

/// How frames hold images: (c, batch axes, spatial axes), `images` of them, each of `channels` that
/// are not neighbours in memory where there are batch axes.
struct image_layout {
  shape extents;  // spatial
  index_t channels = 1, images = 1;

  index_t plane() const { return extents.count() / extents[0]; }
  shape channel() const { return extents; }
  shape image() const { return slab(extents[0]); }
  /// (c, planes, ...)
  shape slab(index_t planes) const;

  /// Channel c of image `image` of a frame of `of` images (or of an image: 0 of 1), as (planes,
  /// ...).
  template <class V>
  basic_ref<V> channel_of(const basic_ref<V>& frame, index_t image, index_t c, index_t of) const {
    return part(frame, (c * of + image) * extents.count(), extents);
  }
  template <class V>
  basic_ref<V> channel_of(const basic_ref<V>& frame, index_t image, index_t c) const {
    return channel_of(frame, image, c, images);
  }
  /// Planes of channel c of an image or slab (c, planes, ...).
  template <class V>
  basic_ref<V> planes_of_channel(const basic_ref<V>& slab_of, index_t c, plane_range p) const {
    const shape some = slab(p.last - p.first);
    return part(slab_of, (c * slab_of.extents[1] + p.first) * plane(),
                shape(some.extents().subspan(1)));
  }

 private:
  template <class V>
  static basic_ref<V> part(const basic_ref<V>& all, index_t first, const shape& n) {
    using byte = std::conditional_t<std::is_const_v<V>, const std::byte, std::byte>;
    return {static_cast<byte*>(all.data) + first * size_of(all.type), all.type, n, all.where};
  }
};

/// The last `rank` axes that are no channels are space; fewer where the data have fewer.
/// shape_error: more than 3; data_error: complex data.
image_layout images_of(const array_info& data, int rank);

/// Where the values were cut off: the ends of the nominal range.
std::optional<noise_level::limits> limits_of(const array_info& data);

}  // namespace ir
