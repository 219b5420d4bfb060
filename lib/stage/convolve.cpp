#include "stage/convolve.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "fft/gaussian.hpp"
#include "io/spool.hpp"
#include "stage/convolve_tiles.hpp"
#include "stage/psf_input.hpp"

namespace ir {
namespace {

class convolved final : public volume_source {
 public:
  convolved(std::unique_ptr<frame_source> from, const stage_plan& p, std::optional<psf_array> psf,
            const volume_layout& l, const convolve_options& o, const shape& psf_extents)
      : volume_source(std::move(from), p, psf, l), o_(o), psf_extents_(psf_extents) {}

 private:
  void prepare(queue& q, std::optional<cref> psf) override {
    const std::vector<double> gaussian =
        psf ? std::vector<double>() : gaussian_psf(psf_extents_, o_.gaussian);
    const cref h = psf ? *psf : cref(gaussian.data(), dtype::f64, psf_extents_);
    H_ = convolution::make(
        q, plan_convolution(layout().extents, h.extents, o_.rule, grid_use::filter, q.where()),
        type(), h, o_.sum);
  }
  void volume(queue& q, cref from, ref to, index_t, index_t) override { H_->apply(q, from, to); }

  convolve_options o_;
  shape psf_extents_;
  std::shared_ptr<const convolution> H_;
};

class convolve final : public stage {
 public:
  explicit convolve(const convolve_options& o) : o_(o) {
    for (const double s : o.gaussian)
      if (!(s >= 0))
        throw usage_error(fmt::format("--gaussian {:g}: a standard deviation is 0 or more", s));
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const task t = task_of(in[0], r.rank);
    stage_plan p;
    p.out = without(in[0], t.in_stream ? std::optional(t.in_stream->array_no) : std::nullopt);
    data_of(p.out).type = real_type(r.type);
    p.needs = {{access::frames, 0}};
    p.type = r.type;
    const auto grid = [&](device d) {
      return plan_convolution(t.layout.extents, t.psf, o_.rule, grid_use::filter, d);
    };
    const auto on_gpu = grid({device::cuda, 0});
    const index_t device_bytes = bytes_for(in[0], t, on_gpu, r, {device::cuda, 0});
    choose_device(p, r, static_cast<double>(on_gpu.grid_count() * t.layout.times), device_bytes);

    const auto g = grid(p.where);
    p.seconds = g.seconds(r.type, p.where, r.threads) * static_cast<double>(t.layout.times);
    p.scratch_bytes = g.scratch_bytes(r.type, p.where);
    if (p.where.kind == device::cuda) {
      p.device_bytes = device_bytes;
      p.host_bytes = frame_bytes(data_of(in[0])) + frame_bytes(data_of(p.out));
      return p;
    }
    p.host_bytes = bytes_for(in[0], t, g, r, p.where);
    if (r.host_bytes > 0 && p.host_bytes > r.host_bytes) plan_tiles(p, in[0], t, r);
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    const task t = task_of(in[0]->header(), p.given.rank);
    if (p.needs[0].kind == access::random)
      return convolve_in_slabs(std::move(in[0]), p, t.in_stream,
                               slabs_of(p, in[0]->header(), t, p.given), o_);
    return std::make_unique<convolved>(std::move(in[0]), p, t.in_stream, t.layout, o_, t.psf);
  }

 private:
  struct task {
    std::optional<psf_array> in_stream;
    shape psf;
    volume_layout layout;
  };

  task task_of(const stream_header& h, std::optional<int> rank) const {
    task t;
    t.in_stream = psf_of(h);
    if (t.in_stream && !o_.gaussian.empty())
      throw usage_error("--gaussian and a PSF: give one of them");
    if (!t.in_stream && o_.gaussian.empty())
      throw usage_error("no PSF: give --psf FILE or --gaussian SIGMA");
    t.psf = t.in_stream ? t.in_stream->extents : gaussian_extents(data_of(h), rank);
    t.layout = volumes_of(data_of(h), t.psf.rank(), fmt::format("the PSF is {}", to_string(t.psf)));
    return t;
  }

  shape gaussian_extents(const array_info& data, std::optional<int> asked) const {
    const int given = static_cast<int>(o_.gaussian.size());
    const int rank = asked ? *asked : given > 1 ? given : spatial_rank(data, 2);
    if (rank > 3 || (given > 1 && given != rank))
      throw usage_error(
          fmt::format("--gaussian with {} numbers for {} axes: give one, or one for "
                      "each axis, of at most 3",
                      given, rank));
    return gaussian_psf_extents(rank, o_.gaussian);
  }

  // Frames in flight (read ahead, written behind), what is computed with.
  index_t bytes_for(const stream_header& h, const task& t, const convolution_geometry& g,
                    const resources& r, device d) const {
    const array_info& data = data_of(h);
    const index_t flying = std::min<index_t>(data.frames.value_or(3), 3);
    const index_t real = size_of(real_type(r.type));
    const index_t frame_out = extents_of(data).count() * real;
    return g.table_bytes(r.type, d) + g.scratch_bytes(r.type, d) + t.layout.extents.count() * real +
           t.psf.count() * 16 + flying * (frame_bytes(data) + frame_out);
  }

  slab_layout slabs_of(const stage_plan& p, const stream_header& h, const task& t,
                       const resources& r) const {
    return plan_slabs(data_of(h), t.layout, t.psf, o_.rule, p.type, r.host_bytes);
  }

  void plan_tiles(stage_plan& p, const stream_header& h, const task& t, const resources& r) const {
    const slab_layout slabs = slabs_of(p, h, t, r);
    p.why += fmt::format("; {} slabs: {} do not fit {}", slabs.count * t.layout.times,
                         bytes_text(p.host_bytes), bytes_text(r.host_bytes));
    p.needs = {{access::random, slabs.halo()}};
    p.host_bytes = slabs.bytes;
    p.scratch_bytes = slabs.geometry.scratch_bytes(p.type, p.where);
    p.seconds = slabs.geometry.seconds(p.type, p.where, r.threads) *
                static_cast<double>(slabs.count * t.layout.times);
  }

  convolve_options o_;
};

}  // namespace

std::unique_ptr<stage> make_convolve(const convolve_options& o) {
  return std::make_unique<convolve>(o);
}

}  // namespace ir
