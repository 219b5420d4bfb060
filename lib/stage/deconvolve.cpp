#include "stage/deconvolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "deconv/richardson_lucy.hpp"
#include "deconv/wiener.hpp"
#include "io/input.hpp"
#include "io/spool.hpp"
#include "stage/psf_input.hpp"

namespace ir {
namespace {

using method = deconvolve_options::method;

deconvolution_start start_of(const std::string& text) {
  if (text == "data") return deconvolution_start::data;
  if (text == "flat") return deconvolution_start::flat;
  return deconvolution_start::given;
}

// Types that Richardson-Lucy reads as they are stored.
bool is_counts(dtype t) { return t == dtype::u8 || t == dtype::u16; }

// The frames of a file, volume by volume: where the iteration begins.
class start_frames {
 public:
  start_frames(const std::string& path, const array_info& data, const volume_layout& l)
      : path_(path), layout_(l) {
    input_options options;
    options.cut.rank = l.extents.rank();
    from_ = open_input({path}, options);
    const array_info& own = data_of(from_->header());
    if (extents_of(own) != extents_of(data))
      throw shape_error(fmt::format("--start {}: its frames are {}, those of the data {}", path,
                                    to_string(extents_of(own)), to_string(extents_of(data))));
    if (is_complex(own.type))
      throw data_error(
          fmt::format("--start {}: it is {}, an estimate is real", path, name_of(own.type)));
    one_for_all_ = own.frames && *own.frames == 1;
    data_no_ = data_index(from_->header());
  }

  void read(queue& q, ref to, index_t number, index_t index) {
    while (have_ < (one_for_all_ ? 0 : number)) {
      if (!from_->next(frame_, q))
        throw data_error(fmt::format("--start {}: it ends before frame {}", path_, number));
      if (frame_.array_no == data_no_) ++have_;
    }
    const cref all = std::as_const(frame_.data).get();
    const index_t bytes = layout_.extents.count() * size_of(all.type);
    copy(q,
         cref(static_cast<const std::byte*>(all.data) + index * bytes, all.type, layout_.extents,
              all.where),
         to);
  }

 private:
  std::string path_;
  volume_layout layout_;
  std::unique_ptr<frame_source> from_;
  bool one_for_all_ = false;
  int data_no_ = 0;
  frame frame_;
  index_t have_ = -1;
};

class deconvolved final : public volume_source {
 public:
  deconvolved(std::unique_ptr<frame_source> from, const stage_plan& p, const psf_array& psf,
              const volume_layout& l, const deconvolve_options& o,
              std::unique_ptr<start_frames> start)
      : volume_source(std::move(from), p, psf, l), o_(o), start_(std::move(start)) {}

 private:
  bool takes(dtype t) const override { return o_.how == method::rl && is_counts(t); }

  void prepare(queue& q, std::optional<cref> psf) override {
    if (o_.how == method::wiener) {
      filter_ = wiener_filter(q, layout().extents, *psf, o_.rule, o_.sum, o_.balance, type());
      return;
    }
    const auto grid =
        plan_convolution(layout().extents, psf->extents, o_.rule, grid_use::filter, q.where());
    model_ = std::make_shared<richardson_lucy_model>(
        q, convolution::make(q, grid, type(), *psf, o_.sum));
  }

  void volume(queue& q, cref from, ref to, index_t number, index_t index) override {
    if (o_.how == method::wiener) return filter_->apply(q, from, to);
    if (start_) start_->read(q, to, number, index);
    richardson_lucy solver(q, model_, from, to, start_of(o_.start),
                           o_.divergence ? tell::divergence : tell::nothing);
    const run_result done = run(q, solver, {.iterations = o_.iterations});
    if (done.last.objective) q.fact("i_divergence", *done.last.objective);
  }

  deconvolve_options o_;
  std::unique_ptr<start_frames> start_;
  std::shared_ptr<const richardson_lucy_model> model_;
  std::shared_ptr<const convolution> filter_;
};

class deconvolve final : public stage {
 public:
  explicit deconvolve(const deconvolve_options& o) : o_(o) {
    if (o.iterations < 0) throw usage_error("--iterations: 0 or more");
    if (!(o.balance >= 0)) throw usage_error("--balance: 0 or more");
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const psf_array psf = psf_in(in[0]);
    const volume_layout l = layout_of(in[0], psf);
    stage_plan p;
    p.out = without(in[0], psf.array_no);
    data_of(p.out).type = real_type(r.type);
    p.needs = {{access::frames, 0}};
    p.type = r.type;

    const device gpu{device::cuda, 0};
    const index_t device_bytes = bytes_on(gpu, in[0], psf, l, r);
    const double applications = static_cast<double>(l.times * transforms());
    choose_device(p, r, static_cast<double>(grid(l, psf, gpu).grid_count()) * applications,
                  device_bytes);
    const convolution_geometry g = grid(l, psf, p.where);
    p.why += fmt::format("; transforms of {}", to_string(g.grid()));
    p.seconds = g.seconds(r.type, p.where, r.threads) * applications;
    p.scratch_bytes = scratch_on(p.where, g, r.type);
    if (p.where.kind == device::cuda) {
      p.device_bytes = device_bytes;
      p.host_bytes = flying_bytes(in[0], r.type);
      refuse_above(r.device_bytes, device_bytes, g, "GPU memory is",
                   "use --device cpu, crop the PSF or the data");
    } else {
      p.host_bytes = bytes_on(p.where, in[0], psf, l, r);
    }
    refuse_above(r.host_bytes, p.host_bytes, g, "are",
                 fmt::format("give --memory {:.0f}M, crop the PSF or the data",
                             static_cast<double>(p.host_bytes) / (1 << 20) + 1));
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    const psf_array psf = psf_in(in[0]->header());
    const volume_layout l = layout_of(in[0]->header(), psf);
    std::unique_ptr<start_frames> start;
    if (o_.how == method::rl && start_of(o_.start) == deconvolution_start::given)
      start = std::make_unique<start_frames>(o_.start, data_of(in[0]->header()), l);
    return std::make_unique<deconvolved>(std::move(in[0]), p, psf, l, o_, std::move(start));
  }

 private:
  static psf_array psf_in(const stream_header& h) {
    if (auto psf = psf_of(h)) return *psf;
    throw usage_error("no PSF: give --psf FILE, or a stream that carries one");
  }
  static volume_layout layout_of(const stream_header& h, const psf_array& psf) {
    return volumes_of(data_of(h), psf.extents.rank(),
                      fmt::format("the PSF is {}", to_string(psf.extents)));
  }
  convolution_geometry grid(const volume_layout& l, const psf_array& psf, device d) const {
    return plan_convolution(l.extents, psf.extents, o_.rule,
                            o_.how == method::rl ? grid_use::filter : grid_use::invert, d);
  }
  // Applications of H or its adjoint, two FFTs each.
  index_t transforms() const { return o_.how == method::rl ? 2 * o_.iterations : 1; }

  index_t scratch_on(device d, const convolution_geometry& g, precision p) const {
    const bool by_arrays = o_.how == method::rl && d.kind == device::cuda;
    return g.scratch_bytes(p, d) +
           (by_arrays ? g.extents.count() * size_of(real_type(p)) + 256 : 0);
  }

  // Frames that are read ahead, worked on and written behind.
  static index_t flying_bytes(const stream_header& h, precision p) {
    const array_info& data = data_of(h);
    const index_t in = frame_bytes(data), out = extents_of(data).count() * size_of(real_type(p));
    return std::min<index_t>(data.frames.value_or(3), 3) * (in + out);
  }

  bool is_used_as_it_is(dtype stored, precision p) const {
    return stored == real_type(p) || (o_.how == method::rl && is_counts(stored));
  }

  index_t bytes_on(device d, const stream_header& h, const psf_array& psf, const volume_layout& l,
                   const resources& r) const {
    const convolution_geometry g = grid(l, psf, d);
    const index_t real = size_of(real_type(r.type)), volume = l.extents.count();
    index_t bytes = g.table_bytes(r.type, d) + scratch_on(d, g, r.type) + psf.extents.count() * 16;
    if (o_.how == method::rl) bytes += richardson_lucy_model::table_bytes(g, r.type);
    const bool on_gpu = d.kind == device::cuda;
    if (on_gpu || !is_used_as_it_is(data_of(h).type, r.type)) bytes += volume * real;
    return bytes + (on_gpu ? volume * l.times * real : flying_bytes(h, r.type));
  }

  static void refuse_above(index_t available, index_t needed, const convolution_geometry& g,
                           std::string_view verb, const std::string& remedy) {
    if (available <= 0 || needed <= available) return;
    throw memory_error(fmt::format(
        "deconvolving {} with a PSF of {} needs {} (transforms of {}), {} {} available: {}",
        to_string(g.extents), to_string(g.psf), bytes_text(needed), to_string(g.grid()),
        bytes_text(available), verb, remedy));
  }

  deconvolve_options o_;
};

}  // namespace

std::unique_ptr<stage> make_deconvolve(const deconvolve_options& o) {
  return std::make_unique<deconvolve>(o);
}

}  // namespace ir
