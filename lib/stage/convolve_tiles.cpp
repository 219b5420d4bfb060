#include "stage/convolve_tiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "fft/gaussian.hpp"
#include "io/spool.hpp"
#include "stage/frames.hpp"
#include "stage/volume_parts.hpp"

namespace ir {
namespace {

shape with_first(const shape& n, index_t first) {
  std::vector<index_t> m(n.extents().begin(), n.extents().end());
  m.front() = first;
  return shape(m);
}

slab_layout slabs_of_thickness(const array_info& data, const volume_layout& v, const shape& psf,
                               boundary rule, precision p, index_t thickness) {
  const index_t n = v.extents[0];
  slab_layout s{v, thickness, 0, 0, (n + thickness - 1) / thickness, 0, {}};
  if (thickness == n) {
    s.geometry = plan_convolution(v.extents, psf, rule, grid_use::filter, {});
  } else {
    s.after = psf[0] / 2;
    s.before = psf[0] - 1 - s.after;
    s.geometry =
        plan_slab_convolution(with_first(v.extents, s.before + thickness + s.after), psf, rule, {});
  }
  const index_t elements = s.geometry.extents.count();
  const index_t part =
      std::min(part_bytes, thickness * v.extents.count() / n * size_of(real_type(p)));
  s.bytes = s.geometry.table_bytes(p, {}) + s.geometry.scratch_bytes(p, {}) + psf.count() * 16 +
            elements * (size_of(real_type(p)) + size_of(data.type)) + 4 * part;
  return s;
}

class slab_source final : public frame_source {
 public:
  slab_source(std::unique_ptr<frame_source> from, const stage_plan& p, std::optional<psf_array> psf,
              const slab_layout& s, const convolve_options& o)
      : from_(std::move(from)),
        header_(p.out),
        type_(p.type),
        psf_(psf),
        slabs_(s),
        o_(o),
        data_(data_index(from_->header())),
        info_(data_of(from_->header())) {
    if (from_->regions() == nullptr || !info_.frames)
      throw bug_error("convolution by slabs without regions of a known number of frames");
    from_->deliver(delivery::parts);
  }

  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    if (!H_) {
      if (forward_other(f, q)) return true;
      prepare(q);
    }
    if (ready_.empty() && !next_slab(q)) return false;
    ready_.give(f, q);
    return true;
  }

  // Frames of other arrays, until data come.
  bool forward_other(frame& f, queue& q) {
    while (from_->next(f, q)) {
      if (psf_ && f.array_no == psf_->array_no) {
        const cref part = std::as_const(f.data).get();
        const std::size_t have = psf_values_.size();
        psf_values_.resize(have + static_cast<std::size_t>(part.extents.count()));
        copy(q, part, ref(psf_values_.data() + have, dtype::f64, part.extents));
        q.synchronize();
        continue;
      }
      if (f.array_no == data_) return false;
      if (psf_ && f.array_no > psf_->array_no) --f.array_no;
      return true;
    }
    return false;
  }

  void prepare(queue& q) {
    if (!psf_) psf_values_ = gaussian_psf(slabs_.geometry.psf, o_.gaussian);
    if (static_cast<index_t>(psf_values_.size()) != slabs_.geometry.psf.count())
      throw data_error("the PSF is incomplete");
    H_ = convolution::make(q, slabs_.geometry, type_,
                           cref(psf_values_.data(), dtype::f64, slabs_.geometry.psf), o_.sum);
    work_ = array(q, real_type(type_), slabs_.geometry.extents);
  }

  index_t plane() const { return slabs_.geometry.extents.count() / slabs_.geometry.extents[0]; }

  // Reads and filters the next slab; its lines are then given away in parts.
  bool next_slab(queue& q) {
    if (frame_ == *info_.frames) return false;
    const index_t n = slabs_.volumes.extents[0], begin = slab_ * slabs_.thickness;
    const index_t end = std::min(n, begin + slabs_.thickness);
    q.progress("slab", slab_ + slabs_.count * volume_, slabs_.count * slabs_.volumes.times);
    read_planes(q, begin - slabs_.before, end + slabs_.after);
    check(q, end - begin);
    H_->apply(q, std::as_const(work_).get(), work_.get());

    const index_t nx = slabs_.volumes.extents[slabs_.volumes.extents.rank() - 1];
    const index_t lines_a_plane = slabs_.volumes.extents.rank() == 1 ? 1 : plane() / nx,
                  planes = rank_1() ? 1 : end - begin;
    const index_t first = (rank_1() ? 0 : slabs_.before) * lines_a_plane;
    ready_.start(std::as_const(work_).get().lines(first, first + planes * lines_a_plane),
                 data_of(header_), data_index(header_), frame_,
                 rank_1() ? volume_ : (volume_ * n + begin) * lines_a_plane);
    advance();
    return true;
  }

  bool rank_1() const { return slabs_.volumes.extents.rank() == 1; }

  void advance() {
    if (++slab_ < slabs_.count) return;
    slab_ = 0;
    if (++volume_ < slabs_.volumes.times) return;
    volume_ = 0;
    ++frame_;
  }

  // Planes [begin, end) of the current volume, those beyond its ends by the boundary, as runs of
  // planes that follow each other in the input.
  void read_planes(queue& q, index_t begin, index_t end) {
    const index_t n = slabs_.volumes.extents[0];
    const line_extension e{n, n + slabs_.before + slabs_.after, slabs_.before, slabs_.after,
                           o_.rule};
    const auto source = [&](index_t p) { return e.source(p < 0 ? p + e.length : p); };
    index_t at = 0;
    for (index_t p = begin; p < end;) {
      const index_t first = source(p);
      index_t run = 1;
      while (p + run < end && first >= 0 && source(p + run) == first + run) ++run;
      put_planes(q, first, run, at);
      p += run;
      at += run;
    }
    if (const index_t all = slabs_.geometry.extents[0]; at < all) put_planes(q, -1, all - at, at);
  }

  // `first` < 0: zeros.
  void put_planes(queue& q, index_t first, index_t run, index_t at) {
    const index_t bytes = plane() * size_of(real_type(type_));
    auto* to = static_cast<std::byte*>(work_.get().data) + at * bytes;
    if (first < 0) {
      std::memset(to, 0, static_cast<std::size_t>(run * bytes));
      return;
    }
    const region box =
        planes_of(info_, data_, frame_, volume_, slabs_.volumes.extents.rank(), first, run);
    raw_.reset(q, info_.type, box.extents);
    from_->regions()->read(box, raw_.get(), q);
    copy(q, std::as_const(raw_).get(), ref(to, real_type(type_), box.extents));
  }

  void check(queue& q, index_t planes) const {
    if (is_integer(info_.type)) return;
    const index_t count = (slabs_.before + planes + slabs_.after) * plane();
    const cref read = std::as_const(work_).get();
    const index_t bad = count_not_finite(q, cref(read.data, read.type, {count}, read.where));
    if (bad > 0)
      throw data_error(
          fmt::format("frame {}: {} of the values read for {} planes are NaN or infinite", frame_,
                      bad, planes));
  }

  std::unique_ptr<frame_source> from_;
  stream_header header_;
  precision type_;
  std::optional<psf_array> psf_;
  slab_layout slabs_;
  convolve_options o_;
  int data_;
  array_info info_;
  std::vector<double> psf_values_;
  std::shared_ptr<const convolution> H_;
  array work_, raw_;
  index_t frame_ = 0, volume_ = 0, slab_ = 0;  // to be read next
  line_parts ready_;                           // lines of work_
};

}  // namespace

slab_layout plan_slabs(const array_info& data, const volume_layout& v, const shape& psf,
                       boundary rule, precision p, index_t budget) {
  const auto of = [&](index_t thickness) {
    return slabs_of_thickness(data, v, psf, rule, p, thickness);
  };
  // The largest thickness that fits, by bisection; a line is not cut.
  const index_t n = v.extents[0];
  if (const slab_layout whole = of(n); whole.bytes <= budget) return whole;
  const slab_layout least = of(v.extents.rank() == 1 ? n : 1);
  if (least.bytes > budget)
    throw memory_error(fmt::format(
        "convolving frames of {} with a PSF of {} needs {} even in slabs, {} are available: give "
        "--memory {:.0f}M, or crop the PSF",
        to_string(v.extents), to_string(psf), bytes_text(least.bytes), bytes_text(budget),
        static_cast<double>(least.bytes) / (1 << 20) + 1));
  index_t fits = 1, too_many = n;
  while (too_many - fits > 1) {
    const index_t middle = (fits + too_many) / 2;
    (of(middle).bytes <= budget ? fits : too_many) = middle;
  }
  return of(fits);
}

std::unique_ptr<frame_source> convolve_in_slabs(std::unique_ptr<frame_source> from,
                                                const stage_plan& p, std::optional<psf_array> psf,
                                                const slab_layout& s, const convolve_options& o) {
  return std::make_unique<slab_source>(std::move(from), p, psf, s, o);
}

}  // namespace ir
