#include "stage/denoise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/resources.hpp"
#include "core/space.hpp"
#include "denoise/noise_level.hpp"
#include "io/input.hpp"
#include "io/spool.hpp"
#include "stage/denoise_images.hpp"
#include "stage/denoise_kernel.hpp"
#include "stage/noise_kernel.hpp"
#include "stage/volume_parts.hpp"

namespace ir {
namespace {

// Counts NaN and infinities.
index_t not_finite(queue& q, cref x) {
  if (is_integer(x.type)) return 0;
  double bad = 0;
  with_real(x.type == dtype::f64 ? precision::f64 : precision::f32, [&]<class T>() {
    bad = sum_for(q, x.extents.count(), kernel::not_finite<T>{static_cast<const T*>(x.data)});
  });
  return static_cast<index_t>(bad);
}

// What is the same for frames and slabs: the maps, the noise, one slab of one image.
class image_denoiser {
 public:
  image_denoiser(std::shared_ptr<const denoiser> method, const denoise_options& o,
                 const image_layout& l, dtype work)
      : method_(std::move(method)), o_(o), layout_(l), work_(work) {}

  dtype work() const { return work_; }
  const denoiser& method() const { return *method_; }

  /// A frame, or a part of the frame, of the array with role mask.
  void take_mask(queue& q, cref part) {
    const index_t have = static_cast<index_t>(mask_.size());
    mask_.resize(static_cast<std::size_t>(have + part.extents.count()));
    copy(q, part, ref(mask_.data() + have, dtype::f64, part.extents));
    q.synchronize();
  }

  /// After the mask, before the first image.
  void prepare(queue& q) {
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

  bool has_mask() const { return !mask_.empty(); }
  bool estimates() const { return o_.needs_sigma && !o_.sigma && o_.sigma_file.empty(); }
  bool keeps_estimate() const { return o_.estimate == denoise_options::per::stack && estimated_; }
  void estimated(queue& q, double sigma) {
    estimated_ = sigma;
    q.fact("sigma", sigma);
  }

  /// Puts 0 where planes [first, ...) of an image are no data; data_error naming what else is not
  /// finite.
  void clean(queue& q, ref image, index_t first, index_t frame) const {
    if (has_mask() && !is_integer(image.type)) {
      const index_t size = image.extents.count() / image.extents[0];
      const std::uint8_t* const valid = valid_from(first);
      with_real(image.type == dtype::f64 ? precision::f64 : precision::f32, [&]<class T>() {
        for (index_t c = 0; c < image.extents[0]; ++c)
          parallel_for(q, {size},
                       kernel::silence<T>{valid, static_cast<T*>(image.data) + c * size});
      });
    }
    if (const index_t bad = not_finite(q, image); bad > 0)
      throw data_error(fmt::format("frame {}: {} of {} values are NaN or infinite", frame, bad,
                                   image.extents.count()));
  }

  std::optional<cref> valid(index_t first, const shape& image) const {
    if (!has_mask()) return {};
    return cref(valid_from(first), dtype::u8, channel_of(image), valid_.get().where);
  }

  void slab(queue& q, denoising& pass, cref image, index_t first, plane_range keep, ref out,
            index_t frame) const {
    noisy_image in{
        image, o_.sigma.value_or(estimated_.value_or(map_sigma_)), {}, valid(first, image.extents)};
    if (!o_.sigma_file.empty())
      in.sigma_map = cref(static_cast<const std::byte*>(map_.get().data) +
                              first * layout_.plane() * size_of(map_.get().type),
                          map_.get().type, channel_of(image.extents), map_.get().where);
    pass.slab(q, in, keep, out);
    if (o_.strength != 1) mix(q, in, keep, out);
    if (const index_t bad = not_finite(q, out); bad > 0)
      throw numeric_error(
          fmt::format("frame {}: {} of {} values of the result became NaN or "
                      "infinite",
                      frame, bad, out.extents.count()));
  }

 private:
  static shape channel_of(const shape& image) { return shape(image.extents().subspan(1)); }
  const std::uint8_t* valid_from(index_t first) const {
    return static_cast<const std::uint8_t*>(valid_.get().data) + first * layout_.plane();
  }

  void mix(queue& q, const noisy_image& in, plane_range keep, ref out) const {
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

  void read_sigma(queue& q) {
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

  std::shared_ptr<const denoiser> method_;
  denoise_options o_;
  image_layout layout_;
  dtype work_;
  std::vector<double> mask_;
  array valid_, map_;
  double map_sigma_ = 0;
  std::optional<double> estimated_;
};

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
    f.array_no = in_.array_no;
    f.number = in_.number;
    f.begin = in_.begin;
    f.end = in_.end;
    f.meta = in_.meta;
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
    noise_level level(noisy.extents);
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

// An image that does not fit, slab by slab from the input's regions; one channel.
class denoised_slabs final : public frame_source {
 public:
  denoised_slabs(std::unique_ptr<frame_source> from, const stage_plan& p, const image_layout& l,
                 index_t thickness, image_denoiser images)
      : from_(std::move(from)),
        header_(p.out),
        layout_(l),
        thickness_(thickness),
        images_(std::move(images)),
        data_(data_index(from_->header())),
        mask_(index_of(from_->header(), role::mask)),
        info_(data_of(from_->header())) {
    if (from_->regions() == nullptr || !info_.frames)
      throw bug_error("denoising by slabs without regions of a known number of frames");
    from_->deliver(delivery::parts);
  }

  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    if (!prepared_) {
      if (forward_other(f, q)) return true;
      images_.prepare(q);
      prepared_ = true;
    }
    if (ready_.empty() && !next_slab(q)) return false;
    ready_.give(f, q);
    return true;
  }

  bool forward_other(frame& f, queue& q) {
    if (!from_->next(f, q) || f.array_no == data_) return false;
    if (mask_ && f.array_no == *mask_) images_.take_mask(q, std::as_const(f.data).get());
    return true;
  }

  void read(queue& q, plane_range planes, array& to, dtype type) {
    const index_t count = planes.last - planes.first;
    const region box =
        planes_of(info_, data_, frame_, image_, layout_.extents.rank(), planes.first, count);
    raw_.reset(q, info_.type, box.extents);
    from_->regions()->read(box, raw_.get(), q);
    to.reset(q, type, layout_.slab(count));
    copy(q, std::as_const(raw_).get(), ref(to.get().data, type, box.extents, to.get().where));
  }

  void estimate(queue& q) {
    noise_level level(layout_.image());
    for (const plane_range& band : level.bands()) {
      q.poll();
      read(q, band, noisy_, images_.work() == dtype::f64 ? dtype::f64 : dtype::f32);
      images_.clean(q, noisy_.get(), band.first, frame_);
      level.add(q, std::as_const(noisy_).get(), images_.valid(band.first, noisy_.get().extents));
    }
    images_.estimated(q, level.sigma());
  }

  bool next_slab(queue& q) {
    if (frame_ == *info_.frames) return false;
    const index_t planes = layout_.extents[0];
    const index_t slabs = (planes + thickness_ - 1) / thickness_;
    if (at_ == 0) {
      if (images_.estimates() && !images_.keeps_estimate()) estimate(q);
      pass_ = images_.method().begin();
    }
    q.progress("slab", at_ / thickness_ + image_ * slabs, slabs * layout_.images);
    const index_t halo = images_.method().reach().radius, end = std::min(planes, at_ + thickness_);
    const plane_range with_halo{std::max<index_t>(0, at_ - halo), std::min(planes, end + halo)};
    read(q, with_halo, noisy_, images_.work());
    images_.clean(q, noisy_.get(), with_halo.first, frame_);
    result_.reset(q, images_.work(), layout_.slab(end - at_));
    images_.slab(q, *pass_, std::as_const(noisy_).get(), with_halo.first,
                 {at_ - with_halo.first, end - with_halo.first}, result_.get(), frame_);
    if (end == planes) pass_->finish(q);

    const array_info& out = data_of(header_);
    made_.reset(q, out.type, result_.get().extents);
    copy(q, std::as_const(result_).get(), made_.get());
    const index_t lines = layout_.plane() / layout_.extents[layout_.extents.rank() - 1];
    ready_.start(std::as_const(made_).get(), out, data_index(header_), frame_,
                 (image_ * planes + at_) * lines);
    advance(end);
    return true;
  }

  void advance(index_t end) {
    at_ = end;
    if (at_ < layout_.extents[0]) return;
    at_ = 0;
    if (++image_ < layout_.images) return;
    image_ = 0;
    ++frame_;
  }

  std::unique_ptr<frame_source> from_;
  stream_header header_;
  image_layout layout_;
  index_t thickness_;
  image_denoiser images_;
  int data_;
  std::optional<int> mask_;
  array_info info_;
  bool prepared_ = false;
  std::unique_ptr<denoising> pass_;
  array raw_, noisy_, result_, made_;
  index_t frame_ = 0, image_ = 0, at_ = 0;  // to be read next
  line_parts ready_;
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
    p.seconds = method_->seconds(l.image(), p.where, r.threads) * static_cast<double>(l.images);
    p.scratch_bytes = method_->scratch_bytes(l.image(), work, p.where);
    if (p.where.kind == device::cuda) {
      p.device_bytes = device_bytes;
      p.host_bytes = flying_bytes(in[0], p);
      return p;
    }
    p.host_bytes = working_bytes(in[0], l, work, p.where, l.extents[0]) + flying_bytes(in[0], p);
    if (r.host_bytes > 0 && p.host_bytes > r.host_bytes) plan_slabs(p, in[0], l, work, r);
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    const stream_header& h = in[0]->header();
    const image_layout l = layout_of(h, p.given);
    image_denoiser images(method_, o_, l, work_of(h, p.given));
    if (p.needs[0].kind == access::random)
      return std::make_unique<denoised_slabs>(std::move(in[0]), p, l,
                                              thickness(h, l, images.work(), p.given.host_bytes),
                                              std::move(images));
    return std::make_unique<denoised>(std::move(in[0]), p, l, std::move(images));
  }

 private:
  static image_layout layout_of(const stream_header& h, const resources& r) {
    return images_of(data_of(h), r.rank.value_or(2));
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
           2 * planes * l.plane() * std::max<index_t>(stored, 4) +
           4 * std::min(part_bytes, thickness * l.plane() * 4);
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
    const bool can = l.channels == 1 && l.extents.rank() > 1;
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
    p.scratch_bytes = method_->scratch_bytes(
        l.slab(std::min(l.extents[0], thick + 2 * method_->reach().radius)), work, p.where);
  }

  static void choose_device(stage_plan& p, const resources& r, const image_layout& l,
                            index_t device_bytes) {
    if (r.where) {
      p.where = *r.where;
      p.why = "asked for";
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
