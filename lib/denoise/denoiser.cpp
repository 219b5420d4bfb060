#include "denoise/denoiser.hpp"

#include <fmt/format.h>

#include <vector>

#include "core/error.hpp"
#include "core/space.hpp"

namespace ir {
namespace {

shape with_planes(const shape& slab, index_t planes) {
  std::vector<index_t> n(slab.extents().begin(), slab.extents().end());
  n[1] = planes;
  return shape(n);
}

void check_like_a_channel(const char* what, const cref& map, const noisy_image& in, dtype type) {
  const shape channel(in.data.extents.extents().subspan(1));
  if (map.extents != channel || map.type != type || map.where != in.data.where)
    throw shape_error(fmt::format("the {} is {} {}, a channel of the image {} {}", what,
                                  to_string(map.extents), name_of(map.type), to_string(channel),
                                  name_of(type)));
}

}  // namespace

void denoising::slab(queue& q, const noisy_image& in, plane_range keep, ref out) {
  const int rank = in.data.extents.rank();
  if (rank < 2 || rank > 4)
    throw shape_error(fmt::format("an image of {} to denoise: channels and 1 to 3 spatial axes",
                                  to_string(in.data.extents)));
  if (keep.first < 0 || keep.first >= keep.last || keep.last > in.data.extents[1])
    throw shape_error(fmt::format("planes {} to {} of a slab of {}", keep.first, keep.last,
                                  to_string(in.data.extents)));
  const shape kept = with_planes(in.data.extents, keep.last - keep.first);
  if (out.extents != kept || out.type != in.data.type)
    throw shape_error(fmt::format("a denoised slab is {} {}, the result's place {} {}",
                                  to_string(kept), name_of(in.data.type), to_string(out.extents),
                                  name_of(out.type)));
  const dtype real = in.data.type == dtype::f64 ? dtype::f64 : dtype::f32;
  if (in.sigma_map) check_like_a_channel("map of sigma", *in.sigma_map, in, real);
  if (in.valid) check_like_a_channel("mask", *in.valid, in, dtype::u8);
  do_slab(q, in, keep, out);
}

dtype denoiser::works_in(dtype stored, precision p) const {
  return do_takes(stored) ? stored : real_type(p);
}

void denoiser::apply(queue& q, const noisy_image& in, ref out) const {
  const auto pass = begin();
  pass->slab(q, in, {0, in.data.extents[1]}, out);
  pass->finish(q);
}

}  // namespace ir
