#include "stage/denoise_images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/error.hpp"

namespace ir {

shape image_layout::slab(index_t planes) const {
  std::vector<index_t> n(extents.extents().begin(), extents.extents().end());
  n.front() = planes;
  n.insert(n.begin(), channels);
  return shape(n);
}

image_layout images_of(const array_info& data, int rank) {
  if (is_complex(data.type))
    throw data_error(fmt::format("'{}' is {}: images that are denoised are real", data.name,
                                 name_of(data.type)));
  const int spatial = spatial_rank(data, rank);
  if (spatial < 1 || spatial > 3)
    throw shape_error(fmt::format("--rank {}: images have 1 to 3 spatial axes, frames are {}", rank,
                                  to_string(extents_of(data))));
  image_layout l;
  const shape n = extents_of(data);
  l.extents = shape(n.extents().last(static_cast<std::size_t>(spatial)));
  for (const axis& x : data.axes)
    if (x.name == "c") l.channels = x.size;
  l.images = n.count() / (l.extents.count() * l.channels);
  return l;
}

std::optional<noise_level::limits> limits_of(const array_info& data) {
  if (!data.nominal) return {};
  return noise_level::limits{data.nominal->range[0], data.nominal->range[1]};
}

}  // namespace ir
