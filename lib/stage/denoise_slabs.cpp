#include "stage/denoise_slabs.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "denoise/noise_level.hpp"
#include "stage/channel_order.hpp"
#include "stage/volume_parts.hpp"

namespace ir {
namespace {

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
        info_(data_of(from_->header())),
        ready_(l, data_of(header_), data_index(header_), p.given.tmpdir) {
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
    raw_.reset(q, info_.type, layout_.slab(count));
    for (index_t c = 0; c < layout_.channels; ++c) {
      const region box = planes_of(info_, data_, frame_, c * layout_.images + image_,
                                   layout_.extents.rank(), planes.first, count);
      const ref channel = layout_.planes_of_channel(raw_.get(), c, {0, count});
      from_->regions()->read(box, ref(channel.data, info_.type, box.extents, channel.where), q);
    }
    to.reset(q, type, layout_.slab(count));
    copy(q, std::as_const(raw_).get(), to.get());
  }

  void estimate(queue& q) {
    noise_level level(layout_.image(), limits_of(info_));
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

    made_.reset(q, data_of(header_).type, result_.get().extents);
    copy(q, std::as_const(result_).get(), made_.get());
    ready_.put(q, std::as_const(made_).get(), frame_, image_, at_);
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
  channel_order ready_;
};

}  // namespace

std::unique_ptr<frame_source> denoised_by_slabs(std::unique_ptr<frame_source> from,
                                                const stage_plan& p, const image_layout& l,
                                                index_t thickness, image_denoiser images) {
  return std::make_unique<denoised_slabs>(std::move(from), p, l, thickness, std::move(images));
}

}  // namespace ir
