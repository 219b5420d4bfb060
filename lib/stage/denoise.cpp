#include "stage/denoise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/resources.hpp"
#include "denoise/noise_level.hpp"
#include "io/spool.hpp"
#include "stage/channel_order.hpp"
#include "stage/denoise_slabs.hpp"
#include "stage/frames.hpp"

namespace ir {
namespace {

// Frames that fit the memory, image by image.
class denoised final : public frame_source {
 public:
  denoised(std::unique_ptr<frame_source> from, const stage_plan& p, const image_layout& l,
           image_denoiser images)
      : from_(std::move(from)),
        header_(p.out),
        layout_(l),
        images_(std::move(images)),
        data_(data_index(from_->header())),
        mask_(index_of(from_->header(), role::mask)) {}

  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    if (!from_->next(in_, q)) return false;
    if (in_.array_no != data_) {
      if (mask_ && in_.array_no == *mask_) images_.take_mask(q, std::as_const(in_.data).get());
      std::swap(f, in_);
      return true;
    }
    if (!prepared_) images_.prepare(q);
    prepared_ = true;
    take_place(f, in_);
    const cref from = std::as_const(in_.data).get();
    f.data.reset(q, data_of(header_).type, from.extents);
    for (index_t image = 0; image < layout_.images; ++image) denoise(q, from, f.data.get(), image);
    return true;
  }

  void denoise(queue& q, cref from, ref to, index_t image) {
    const shape extents = layout_.image();
    const index_t planes = extents[1];
    noisy_.reset(q, images_.work(), extents);
    result_.reset(q, images_.work(), extents);
    for (index_t c = 0; c < layout_.channels; ++c)
      copy(q, layout_.channel_of(from, image, c), layout_.channel_of(noisy_.get(), 0, c, 1));
    images_.clean(q, noisy_.get(), 0, in_.number);
    if (images_.estimates() && !images_.keeps_estimate())
      images_.estimated(q, estimate(q, std::as_const(noisy_).get()));
    const auto pass = images_.method().begin();
    images_.slab(q, *pass, std::as_const(noisy_).get(), 0, {0, planes}, result_.get(), in_.number);
    pass->finish(q);
    for (index_t c = 0; c < layout_.channels; ++c)
      copy(q, layout_.channel_of(std::as_const(result_).get(), 0, c, 1),
           layout_.channel_of(to, image, c));
  }

  double estimate(queue& q, cref noisy) {
    noise_level level(noisy.extents, limits_of(data_of(from_->header())));
    for (const plane_range& band : level.bands()) {
      q.poll();
      const shape extents = layout_.slab(band.last - band.first);
      queue host({}, q.cancel());
      array values(host, noisy.type == dtype::f64 ? dtype::f64 : dtype::f32, extents);
      for (index_t c = 0; c < layout_.channels; ++c)
        copy(q, layout_.planes_of_channel(noisy, c, band),
             layout_.planes_of_channel(values.get(), c, {0, extents[1]}));
      q.synchronize();
      level.add(host, std::as_const(values).get(), host_valid(q, band));
    }
    return level.sigma();
  }

  std::optional<cref> host_valid(queue& q, plane_range band) {
    const shape slab = layout_.slab(band.last - band.first);
    const auto there = images_.valid(band.first, slab);
    if (!there || there->where.kind == device::cpu) return there;
    valid_.resize(static_cast<std::size_t>(there->extents.count()));
    const ref here(valid_.data(), dtype::u8, there->extents);
    copy(q, *there, here);
    q.synchronize();
    return here;
  }

  std::unique_ptr<frame_source> from_;
  stream_header header_;
  image_layout layout_;
  image_denoiser images_;
  int data_;
  std::optional<int> mask_;
  bool prepared_ = false;
  frame in_;
  array noisy_, result_;
  std::vector<std::uint8_t> valid_;
};

class denoise final : public stage {
 public:
  denoise(std::shared_ptr<const denoiser> method, const denoise_options& o)
      : method_(std::move(method)), o_(o) {
    if (o.sigma && !(*o.sigma >= 0 && std::isfinite(*o.sigma)))
      throw usage_error("--sigma: a standard deviation is 0 or more");
    if (!(o.strength >= 0 && o.strength <= 1)) throw usage_error("--strength: from 0 to 1");
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const image_layout l = layout_of(in[0], r);
    const dtype work = work_of(in[0], r);
    stage_plan p;
    p.out = in[0];
    const dtype stored = data_of(in[0]).type;
    data_of(p.out).type = is_integer(stored) ? stored : real_type(r.type);
    p.needs = {{access::frames, 0}};
    p.type = r.type;
    const device gpu{device::cuda, 0};
    const index_t device_bytes = working_bytes(in[0], l, work, gpu, l.extents[0]);
    choose_device(p, r, l, device_bytes);
    if (!method_->runs_on(p.where))
      throw device_error("this method has no CUDA version: use --device cpu");
    p.seconds =
        method_->seconds(l.image(), p.where, r.threads, work) * static_cast<double>(l.images);
    p.scratch_bytes = method_->scratch_bytes(l.image(), work, p.where);
    if (p.where.kind == device::cuda) {
      p.device_bytes = device_bytes;
      p.host_bytes = flying_bytes(in[0], p);
      return p;
    }
    p.host_bytes = working_bytes(in[0], l, work, p.where, l.extents[0]) + flying_bytes(in[0], p);
    if (r.host_bytes > 0 && p.host_bytes > r.host_bytes)
      plan_slabs(p, in[0], for_slabs(l), work, r);
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    const stream_header& h = in[0]->header();
    const bool slabs = p.needs[0].kind == access::random;
    const image_layout l = slabs ? for_slabs(layout_of(h, p.given)) : layout_of(h, p.given);
    const dtype work = work_of(h, p.given);
    image_denoiser images(method_, o_, l, work);
    if (slabs)
      return denoised_by_slabs(std::move(in[0]), p, l, thickness(h, l, work, p.given.host_bytes),
                               std::move(images));
    return std::make_unique<denoised>(std::move(in[0]), p, l, std::move(images));
  }

 private:
  static image_layout layout_of(const stream_header& h, const resources& r) {
    return images_of(data_of(h), r.rank.value_or(2));
  }

  // Channels that do not mix are images of their own: nothing has to wait for the others.
  image_layout for_slabs(image_layout l) const {
    const bool estimates = o_.needs_sigma && !o_.sigma && o_.sigma_file.empty();
    if (!method_->channels_alone() || estimates) return l;
    l.images *= std::exchange(l.channels, 1);
    return l;
  }

  // Integers as they are only where nothing is to be mixed or silenced in them.
  dtype work_of(const stream_header& h, const resources& r) const {
    const dtype stored = data_of(h).type;
    if (o_.strength != 1 && is_integer(stored)) return real_type(r.type);
    return method_->works_in(stored, r.type);
  }

  // Images with their halo, the result, what the method takes, maps of whole images.
  index_t working_bytes(const stream_header& h, const image_layout& l, dtype work, device d,
                        index_t thickness) const {
    const index_t planes = l.extents[0], halo = method_->reach().radius;
    const shape slab =
        l.slab(std::min(planes, thickness == planes ? planes : thickness + 2 * halo));
    const index_t maps = (index_of(h, role::mask) ? 9 : 0) + (o_.sigma_file.empty() ? 0 : 12);
    return 2 * slab.count() * size_of(work) + method_->scratch_bytes(slab, work, d) +
           l.channel().count() * maps;
  }

  // Frames that are read ahead, worked on and written behind.
  static index_t flying_bytes(const stream_header& h, const stage_plan& p) {
    const array_info& data = data_of(h);
    return std::min<index_t>(data.frames.value_or(3), 3) *
           (frame_bytes(data) + frame_bytes(data_of(p.out)));
  }

  index_t slab_bytes(const stream_header& h, const image_layout& l, dtype work,
                     index_t thickness) const {
    const index_t stored = size_of(data_of(h).type);
    const index_t planes = std::min(l.extents[0], thickness + 2 * method_->reach().radius);
    return working_bytes(h, l, work, {}, thickness) +
           2 * planes * l.channels * l.plane() * std::max<index_t>(stored, 4) +
           5 * std::min(part_bytes, thickness * l.plane() * 4);
  }

  index_t thickness(const stream_header& h, const image_layout& l, dtype work,
                    index_t budget) const {
    index_t fits = 0, too_many = l.extents[0];
    while (too_many - fits > 1) {
      const index_t middle = (fits + too_many) / 2;
      (slab_bytes(h, l, work, middle) <= budget ? fits : too_many) = middle;
    }
    return fits;
  }

  void plan_slabs(stage_plan& p, const stream_header& h, const image_layout& l, dtype work,
                  const resources& r) const {
    const bool can = l.extents.rank() > 1;
    const index_t thick = can ? thickness(h, l, work, r.host_bytes) : 0;
    if (thick == 0) {
      const index_t need = can ? slab_bytes(h, l, work, 1) : p.host_bytes;
      throw memory_error(
          fmt::format("denoising images of {} needs {}{}, {} are available: give --memory {:.0f}M",
                      to_string(l.image()), bytes_text(need), can ? " even in slabs" : "",
                      bytes_text(r.host_bytes), static_cast<double>(need) / (1 << 20) + 1));
    }
    const index_t slabs = (l.extents[0] + thick - 1) / thick;
    p.why += fmt::format("; {} slabs: {} do not fit {}", slabs * l.images, bytes_text(p.host_bytes),
                         bytes_text(r.host_bytes));
    p.needs = {{access::random, method_->reach().radius}};
    p.host_bytes = slab_bytes(h, l, work, thick);
    p.spool_bytes = channel_order::spool_bytes(l, data_of(p.out));
    p.scratch_bytes = method_->scratch_bytes(
        l.slab(std::min(l.extents[0], thick + 2 * method_->reach().radius)), work, p.where);
  }

  void choose_device(stage_plan& p, const resources& r, const image_layout& l,
                     index_t device_bytes) const {
    if (r.where) {
      p.where = *r.where;
      p.why = "asked for";
    } else if (!method_->runs_on({device::cuda, 0})) {
      p.why = "this method has no CUDA version";
    } else if (cuda_device_count() == 0) {
      p.why = "no CUDA device";
    } else if (l.image().count() < index_t{1} << 18) {
      p.why = "images below a quarter of a megapixel";
    } else if (r.device_bytes > 0 && device_bytes > r.device_bytes) {
      p.why = "an image does not fit the GPU";
    } else {
      p.where = {device::cuda, 0};
      p.why = "a GPU is there";
    }
  }

  std::shared_ptr<const denoiser> method_;
  denoise_options o_;
};

}  // namespace

std::unique_ptr<stage> make_denoise(std::shared_ptr<const denoiser> method,
                                    const denoise_options& o) {
  return std::make_unique<denoise>(std::move(method), o);
}

}  // namespace ir
