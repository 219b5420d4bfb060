#include "stage/project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.hpp"
#include "stage/frames.hpp"
#include "stage/phantom_projection.hpp"
#include "stage/project_job.hpp"
#include "tomo/ray_transform.hpp"

namespace ir {
namespace {

/// Where sinograms come from.
struct sinogram_maker {
  virtual ~sinogram_maker() = default;
  /// The sinograms (slice, angle, u) of the next frames, at most `most`, with what is known of each
  /// frame; 0 at the end.
  virtual index_t next(queue&, index_t most, array& sinograms,
                       std::vector<std::shared_ptr<const metadata>>& known) = 0;
};

class from_slices final : public sinogram_maker {
 public:
  from_slices(std::unique_ptr<frame_source> in, const project_job& job, precision p)
      : in_(std::move(in)),
        geometry_(job.geometry),
        each_(job.slices_a_frame),
        type_(p),
        data_(data_index(in_->header())) {}

  index_t next(queue& q, index_t most, array& sinograms,
               std::vector<std::shared_ptr<const metadata>>& known) override {
    const parallel_geometry& g = geometry_;
    const dtype real = real_type(type_);
    const index_t bytes = each_ * g.ny * g.nx * size_of(real);
    slices_.reset(q, real, {most * each_, g.ny, g.nx});
    auto* const to = static_cast<std::byte*>(slices_.get().data);
    known.clear();
    while (std::ssize(known) < most && next_frame(q)) {
      const cref values = std::as_const(frame_.data).get();
      const ref place(to + std::ssize(known) * bytes, real, values.extents, q.where());
      copy(q, values, place);
      if (const index_t bad = count_not_finite(q, place); bad > 0)
        throw data_error(
            fmt::format("frame {}: {} values are NaN or infinite", frame_.number, bad));
      known.push_back(frame_.meta);
    }
    const index_t n = std::ssize(known), count = n * each_;
    if (n == 0) return 0;
    if (!A_ || A_->domain().extents()[0] != count)
      A_.emplace(q, shape{count, g.ny, g.nx}, g, type_);
    sinograms.reset(q, real, {count, g.views(), g.detector});
    A_->apply(q, {to, type_, A_->domain(), q.where()},
              {sinograms.get().data, type_, A_->range(), q.where()});
    return n;
  }

 private:
  bool next_frame(queue& q) {
    while (in_->next(frame_, q))
      if (frame_.array_no == data_) return true;
    return false;
  }

  std::unique_ptr<frame_source> in_;
  parallel_geometry geometry_;
  index_t each_;
  precision type_;
  int data_;
  frame frame_;
  array slices_;
  std::optional<ray_transform> A_;
};

class from_phantom final : public sinogram_maker {
 public:
  from_phantom(const phantom_options& o, const parallel_geometry& g, precision p)
      : o_(o), geometry_(g), type_(p) {}

  index_t next(queue& q, index_t, array& sinograms,
               std::vector<std::shared_ptr<const metadata>>& known) override {
    known.assign(1, nullptr);
    if (std::exchange(done_, true)) return 0;
    const shape n{1, geometry_.views(), geometry_.detector};
    array exact(q, dtype::f64, n);
    project_phantom(o_, geometry_, exact.get());
    sinograms.reset(q, real_type(type_), n);
    copy(q, std::as_const(exact).get(), sinograms.get());
    return 1;
  }

 private:
  phantom_options o_;
  parallel_geometry geometry_;
  precision type_;
  bool done_ = false;
};

/// The angles, then sinograms frame by frame, or, once all are there, projections.
class projected final : public frame_source {
 public:
  projected(std::unique_ptr<sinogram_maker> from, project_job job, const project_options& o,
            const stream_header& out, index_t batch)
      : from_(std::move(from)), job_(std::move(job)), o_(o), header_(out), batch_(batch) {}

  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    if (!std::exchange(told_, true)) return give_angles(f, q), true;
    if (given_ == made_ && !make(q)) return false;
    const array_info& info = header_.arrays[1];
    f.array_no = 1;
    f.number = number_++;
    f.begin = 0;
    f.end = line_count(info);
    f.meta = o_.projections ? nullptr : known_[static_cast<std::size_t>(given_)];
    f.data.reset(q, info.type, extents_of(info));
    o_.projections ? give_view(f.data.get(), q) : give_sinogram(f.data.get(), q);
    ++given_;
    return true;
  }

  void give_angles(frame& f, queue& q) const {
    const shape n{job_.geometry.views()};
    f.array_no = 0;
    f.number = f.begin = 0;
    f.end = line_count(header_.arrays[0]);
    f.meta = nullptr;
    f.data.reset(q, dtype::f64, n);
    copy(q, cref(o_.degrees.data(), dtype::f64, n), f.data.get());
    q.synchronize();
  }

  /// The next sinograms; false: there are none. `made_` counts frames of the output from here on.
  bool make(queue& q) {
    if (o_.projections) return made_ == 0 && collect(q);
    given_ = 0;
    made_ = from_->next(q, batch_, sinograms_, known_);
    return made_ > 0;
  }

  /// All sinograms.
  bool collect(queue& q) {
    const index_t rays = job_.geometry.views() * job_.geometry.detector;
    array some;
    sinograms_.reset(q, header_.arrays[1].type,
                     {*job_.frames, job_.geometry.views(), job_.geometry.detector});
    index_t slices = 0;
    while (slices < *job_.frames)
      if (const index_t n = from_->next(q, batch_, some, known_); n > 0) {
        const cref from = std::as_const(some).get();
        auto* const to = static_cast<std::byte*>(sinograms_.get().data);
        copy(q, from,
             ref(to + slices * rays * size_of(from.type), from.type, from.extents, from.where));
        slices += n;
      } else {
        throw data_error(fmt::format("{} slices came, {} were announced", slices, *job_.frames));
      }
    made_ = job_.geometry.views();
    return true;
  }

  cref part(index_t offset, const shape& n) const {
    const cref all = sinograms_.get();
    return {static_cast<const std::byte*>(all.data) + offset * size_of(all.type), all.type, n,
            all.where};
  }
  void give_sinogram(ref to, queue& q) const {
    copy(q, part(given_ * to.extents.count(), to.extents), to);
  }
  // Row `given_` of each sinogram.
  void give_view(ref to, queue& q) const {
    const shape row{job_.geometry.detector};
    for (index_t v = 0; v < to.extents[0]; ++v)
      copy(q, part((v * job_.geometry.views() + given_) * row[0], row),
           ref(static_cast<std::byte*>(to.data) + v * row[0] * size_of(to.type), to.type, row,
               to.where));
  }

  std::unique_ptr<sinogram_maker> from_;
  project_job job_;
  project_options o_;
  stream_header header_;
  index_t batch_;
  bool told_ = false;
  array sinograms_;
  std::vector<std::shared_ptr<const metadata>> known_;
  index_t given_ = 0, made_ = 0, number_ = 0;
};

class project_stage final : public stage {
 public:
  explicit project_stage(const project_options& o) : o_(o) {
    if (o.pixel_size && !(*o.pixel_size > 0))
      throw usage_error(fmt::format("--pixel-size {:.9g}: it is above 0", *o.pixel_size));
    if (!o.exact) return;
    if (!o.exact->size || o.exact->size->rank() != 2)
      throw usage_error(
          "--size: the rows and columns of the phantom's slice are needed, or one "
          "number for both");
    plan_projection(phantom_slice(*o.exact->size, precision::f32), o, precision::f32);
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const project_job job = job_of(in, r.type);
    const parallel_geometry& g = job.geometry;
    stage_plan p;
    p.out = job.out;
    p.type = r.type;
    const index_t real = size_of(real_type(r.type)), rays = g.views() * g.detector;
    if (o_.exact) {
      if (r.where && r.where->kind == device::cuda)
        throw device_error("--device gpu: line integrals of a phantom are computed on the CPU");
      p.why = "exact line integrals, computed on the CPU";
      p.host_bytes = rays * (8 + 4 * real);
      p.seconds = 1e-7 * static_cast<double>(rays);
      return p;
    }
    p.needs = {{access::window, batch_of(job, r.type) - 1}};
    const index_t slices = batch_of(job, r.type) * job.slices_a_frame;
    const double updates = static_cast<double>(g.ny * g.nx) * static_cast<double>(g.views());
    const auto work = [&](device d) {
      const index_t kept = o_.projections ? *job.frames * rays : 0;
      return (slices * (g.ny * g.nx + rays) + kept) * real +
             ray_transform::scratch_bytes(g, r.type, d, slices);
    };
    choose_device(p, r, updates, work(device{device::cuda, 0}));
    const index_t flying = 3 * (frame_bytes(data_of(in[0])) + frame_bytes(p.out.arrays[1]));
    const bool cpu = p.where.kind == device::cpu;
    p.host_bytes = flying + (cpu ? work(p.where) : 0);
    p.device_bytes = cpu ? 0 : work(p.where);
    p.scratch_bytes = ray_transform::scratch_bytes(g, r.type, p.where, slices);
    p.seconds = ray_transform::seconds(g, slices, p.where, r.threads) /
                static_cast<double>(batch_of(job, r.type));
    p.why += fmt::format("; {} slices at once", slices);
    if (r.host_bytes > 0 && p.host_bytes > r.host_bytes)
      throw memory_error(fmt::format(
          "{} slices of {}x{} and sinograms of {} views take {:.0f} MiB, there are {:.0f}: "
          "give more with --memory{}",
          slices, g.ny, g.nx, g.views(), static_cast<double>(p.host_bytes) / (1 << 20),
          static_cast<double>(r.host_bytes) / (1 << 20),
          o_.projections ? ", or leave out --projections, which keep the sinograms of all slices"
                         : ""));
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    std::vector<stream_header> headers;
    for (const auto& s : in) headers.push_back(s->header());
    const project_job job = job_of(headers, p.type);
    std::unique_ptr<sinogram_maker> from;
    if (o_.exact)
      from = std::make_unique<from_phantom>(*o_.exact, job.geometry, p.type);
    else
      from = std::make_unique<from_slices>(std::move(in[0]), job, p.type);
    return std::make_unique<projected>(std::move(from), job, o_, p.out, batch_of(job, p.type));
  }

 private:
  project_job job_of(std::span<const stream_header> in, precision p) const {
    return plan_projection(o_.exact ? phantom_slice(*o_.exact->size, p) : in[0], o_, p);
  }

  // As many slices as lie side by side (tomo/ray_transform.hpp), where a frame is one.
  index_t batch_of(const project_job& job, precision p) const {
    const index_t most = p == precision::f32 ? 32 : 16;
    return std::max<index_t>(1, std::min(job.frames.value_or(most), most / job.slices_a_frame));
  }

  project_options o_;
};

}  // namespace

std::unique_ptr<stage> make_project(const project_options& o) {
  return std::make_unique<project_stage>(o);
}

}  // namespace ir
