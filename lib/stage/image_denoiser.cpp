#include "stage/image_denoiser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/space.hpp"
#include "io/input.hpp"
#include "stage/denoise_kernel.hpp"
#include "stage/frames.hpp"

namespace ir {
namespace {

shape channel_of(const shape& image) { return shape(image.extents().subspan(1)); }

}  // namespace

image_denoiser::image_denoiser(std::shared_ptr<const denoiser> method, const denoise_options& o,
                               const image_layout& l, dtype work)
    : method_(std::move(method)), o_(o), layout_(l), work_(work) {}

void image_denoiser::take_mask(queue& q, cref part) {
  const index_t have = static_cast<index_t>(mask_.size());
  mask_.resize(static_cast<std::size_t>(have + part.extents.count()));
  copy(q, part, ref(mask_.data() + have, dtype::f64, part.extents));
  q.synchronize();
}

void image_denoiser::prepare(queue& q) {
  const shape channel = layout_.channel();
  if (!mask_.empty()) {
    if (static_cast<index_t>(mask_.size()) != channel.count())
      throw shape_error(fmt::format("the mask has {} values, an image {} ({})", mask_.size(),
                                    channel.count(), to_string(channel)));
    std::vector<std::uint8_t> valid(mask_.size());
    for (std::size_t i = 0; i < valid.size(); ++i) valid[i] = mask_[i] == 0 ? 1 : 0;
    if (std::ranges::find(valid, 1) == valid.end())
      throw data_error("the mask leaves no pixel that is data");
    valid_ = array(q, dtype::u8, channel);
    copy(q, cref(valid.data(), dtype::u8, channel), valid_.get());
    q.synchronize();
  }
  if (!o_.sigma_file.empty()) read_sigma(q);
  if (o_.sigma) q.fact("sigma", *o_.sigma);
}

void image_denoiser::estimated(queue& q, double sigma) {
  estimated_ = sigma;
  q.fact("sigma", sigma);
}

void image_denoiser::clean(queue& q, ref image, index_t first, index_t frame) const {
  if (has_mask() && !is_integer(image.type)) {
    const index_t size = image.extents.count() / image.extents[0];
    const std::uint8_t* const valid = valid_from(first);
    with_real(image.type == dtype::f64 ? precision::f64 : precision::f32, [&]<class T>() {
      for (index_t c = 0; c < image.extents[0]; ++c)
        parallel_for(q, {size}, kernel::silence<T>{valid, static_cast<T*>(image.data) + c * size});
    });
  }
  if (const index_t bad = count_not_finite(q, image); bad > 0)
    throw data_error(fmt::format("frame {}: {} of {} values are NaN or infinite", frame, bad,
                                 image.extents.count()));
}

std::optional<cref> image_denoiser::valid(index_t first, const shape& image) const {
  if (!has_mask()) return {};
  return cref(valid_from(first), dtype::u8, channel_of(image), valid_.get().where);
}

void image_denoiser::slab(queue& q, denoising& pass, cref image, index_t first, plane_range keep,
                          ref out, index_t frame) const {
  noisy_image in{
      image, o_.sigma.value_or(estimated_.value_or(map_sigma_)), {}, valid(first, image.extents)};
  if (!o_.sigma_file.empty())
    in.sigma_map = cref(static_cast<const std::byte*>(map_.get().data) +
                            first * layout_.plane() * size_of(map_.get().type),
                        map_.get().type, channel_of(image.extents), map_.get().where);
  pass.slab(q, in, keep, out);
  if (o_.strength != 1) mix(q, in, keep, out);
  if (const index_t bad = count_not_finite(q, out); bad > 0)
    throw numeric_error(
        fmt::format("frame {}: {} of {} values of the result became NaN or "
                    "infinite",
                    frame, bad, out.extents.count()));
}

const std::uint8_t* image_denoiser::valid_from(index_t first) const {
  return static_cast<const std::uint8_t*>(valid_.get().data) + first * layout_.plane();
}

void image_denoiser::mix(queue& q, const noisy_image& in, plane_range keep, ref out) const {
  const index_t plane = layout_.plane(), size = (keep.last - keep.first) * plane;
  const index_t all = in.data.extents.count() / in.channels();
  const std::uint8_t* const ok =
      in.valid ? static_cast<const std::uint8_t*>(in.valid->data) + keep.first * plane : nullptr;
  with_real(in.data.type == dtype::f64 ? precision::f64 : precision::f32, [&]<class T>() {
    for (index_t c = 0; c < in.channels(); ++c)
      parallel_for(
          q, {size},
          kernel::blend<T>{static_cast<const T*>(in.data.data) + c * all + keep.first * plane, ok,
                           static_cast<T*>(out.data) + c * size, static_cast<T>(o_.strength)});
  });
}

void image_denoiser::read_sigma(queue& q) {
  input_options options;
  options.cut.rank = layout_.extents.rank();
  const auto from = open_input({o_.sigma_file}, options);
  const shape channel = layout_.channel();
  frame f;
  const int data = data_index(from->header());
  do {
    if (!from->next(f, q)) throw data_error("--sigma " + o_.sigma_file + ": it has no frame");
  } while (f.array_no != data);
  const cref values = std::as_const(f.data).get();
  if (values.extents.count() != channel.count() || is_complex(values.type))
    throw shape_error(fmt::format("--sigma {}: it is {} {}, an image {}", o_.sigma_file,
                                  to_string(values.extents), name_of(values.type),
                                  to_string(channel)));
  std::vector<double> sigma(static_cast<std::size_t>(channel.count()));
  copy(q, values, ref(sigma.data(), dtype::f64, values.extents));
  q.synchronize();
  double squares = 0;
  for (double& s : sigma) {
    const bool used = !has_mask() || mask_[static_cast<std::size_t>(&s - sigma.data())] == 0;
    if (!used) s = 1;
    if (!(s > 0) || !std::isfinite(s))
      throw data_error(
          fmt::format("--sigma {}: a value of {}, all must be above 0", o_.sigma_file, s));
    squares += s * s;
  }
  map_sigma_ = std::sqrt(squares / static_cast<double>(sigma.size()));
  q.fact("sigma", map_sigma_);
  map_ = array(q, work_ == dtype::f64 ? dtype::f64 : dtype::f32, channel);
  copy(q, cref(sigma.data(), dtype::f64, channel), map_.get());
  q.synchronize();
}

}  // namespace ir
