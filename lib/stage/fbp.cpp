#include "stage/fbp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <future>
#include <utility>

#include "core/error.hpp"
#include "io/spool.hpp"
#include "stage/fbp_job.hpp"
#include "stage/psf_input.hpp"
#include "stage/sinogram_reader.hpp"
#include "tomo/fbp.hpp"

namespace ir {
namespace {

/// Slices that are worked on together, and the memory that they take.
struct batch_layout {
  index_t slices = 1, host_bytes = 0, device_bytes = 0;
};

class slices_source final : public frame_source {
 public:
  slices_source(std::unique_ptr<frame_source> from, const fbp_stage_options& o, const stage_plan& p,
                fbp_job job, index_t batch)
      : from_(std::move(from)),
        header_(p.out),
        o_(o),
        type_(p.type),
        job_(std::move(job)),
        batch_(batch),
        reader_(*from_, job_.scan, p.type, o.no_dark ? dark_is::zero : dark_is::given) {}
  ~slices_source() override {
    if (ahead_.valid()) ahead_.wait();
  }

  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    if (!engine_) prepare(q);
    if (given_ == job_.rows.count) return tell(q), false;
    if (given_ == done_) next_batch(q);
    const parallel_geometry& g = job_.geometry;
    const shape n{g.ny, g.nx};
    const index_t bytes = n.count() * size_of(real_type(type_));
    const cref all = std::as_const(slices_).get();
    const index_t at = given_ - (done_ - all.extents[0]);
    f.array_no = 0;
    f.number = given_++;
    f.begin = 0;
    f.end = g.ny;
    f.meta = nullptr;
    f.data.reset(q, real_type(type_), n);
    copy(q, cref(static_cast<const std::byte*>(all.data) + at * bytes, all.type, n, all.where),
         f.data.get());
    return true;
  }

  void prepare(queue& q) {
    host_ = std::make_unique<queue>(device{}, q.cancel());
    const std::vector<double> degrees = reader_.angles(*host_);
    job_.geometry.angles = radians_of(degrees, o_.any_order);
    engine_.emplace(q, job_.geometry, o_.filter, type_);
    q.fact("center", job_.geometry.center);
    q.fact("views", static_cast<double>(degrees.size()));
    q.fact("first_angle", degrees.front());
    q.fact("last_angle", degrees.back());
    read_ahead();
  }

  index_range rows_from(index_t first) const {
    const index_range& all = job_.rows;
    return {all.begin + first * all.step, std::min(batch_, all.count - first), all.step};
  }

  // The next rows, while these are reconstructed.
  void read_ahead() {
    if (asked_ == job_.rows.count) return;
    const index_range rows = rows_from(asked_);
    asked_ += rows.count;
    ahead_ = std::async(std::launch::async, [this, rows] { reader_.fetch(*host_, rows, coming_); });
  }

  void next_batch(queue& q) {
    ahead_.get();
    std::swap(coming_, here_);
    read_ahead();
    const parallel_geometry& g = job_.geometry;
    const index_t n = here_.rows.count;
    const dtype real = real_type(type_);
    sinograms_.reset(q, real, {n, g.views(), g.detector});
    slices_.reset(q, real, {n, g.ny, g.nx});
    reader_.convert(q, here_, sinograms_.get());
    engine_->apply(q, std::as_const(sinograms_).get(), slices_.get());
    done_ += n;
  }

  void tell(queue& q) const {
    if (!job_.scan.raw()) return;
    const sinogram_reader::counts& n = reader_.counted();
    q.fact("dead_pixels", static_cast<double>(n.dead));
    q.fact("repaired", static_cast<double>(n.repaired));
    q.fact("clipped", static_cast<double>(n.clipped));
  }

  std::unique_ptr<frame_source> from_;
  stream_header header_;
  fbp_stage_options o_;
  precision type_;
  fbp_job job_;
  index_t batch_;
  sinogram_reader reader_;
  std::unique_ptr<queue> host_;  // of the reading thread, once that runs
  std::optional<fbp> engine_;
  stored_sinograms here_, coming_;
  array sinograms_, slices_;
  index_t asked_ = 0, done_ = 0, given_ = 0;  // slices
  std::future<void> ahead_;                   // ends before what it writes to
};

class fbp_stage final : public stage {
 public:
  explicit fbp_stage(const fbp_stage_options& o) : o_(o) {
    if (o.pixel_size && !(*o.pixel_size > 0))
      throw usage_error(fmt::format("--pixel-size {:.9g}: it is above 0", *o.pixel_size));
    ramp_response(o.filter, 8);  // refuses cut-off and order
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const fbp_job job = plan_fbp(in[0], o_);
    if (job.scan.raw()) match_references(in[0], o_.no_dark ? dark_is::zero : dark_is::given);
    stage_plan p;
    p.out = slices_of(in[0], job, o_, r.type);
    p.needs = {{access::random, 0}};
    p.type = r.type;
    const device gpu{device::cuda, 0};
    const parallel_geometry& g = job.geometry;
    const double updates = static_cast<double>(g.views() * g.ny) * static_cast<double>(g.nx);
    choose_device(p, r, updates, batch_for(in[0], job, r, gpu).device_bytes);
    const batch_layout b = batch_for(in[0], job, r, p.where);
    p.host_bytes = b.host_bytes;
    p.device_bytes = b.device_bytes;
    p.scratch_bytes = fbp::scratch_bytes(g, r.type, p.where, b.slices);
    p.seconds = fbp::seconds(g, b.slices, p.where, r.threads) / static_cast<double>(b.slices);
    p.why += fmt::format("; {}; {} slices at once", what_arrives(in[0], job.scan), b.slices);
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    const fbp_job job = plan_fbp(in[0]->header(), o_);
    const index_t batch = batch_for(in[0]->header(), job, p.given, p.where).slices;
    return std::make_unique<slices_source>(std::move(in[0]), o_, p, job, batch);
  }

 private:
  static std::string what_arrives(const stream_header& h, const scan_layout& s) {
    if (!s.raw()) return "line integrals";
    const auto count = [&](const std::optional<int>& array) {
      return array ? h.arrays[static_cast<std::size_t>(*array)].frames.value_or(1) : 0;
    };
    return fmt::format("counts, {} flats, {} darks: flat field and -log", count(s.flat),
                       count(s.dark));
  }

  static batch_layout bytes_of(const stream_header& h, const fbp_job& job, precision p, device d,
                               index_t slices) {
    const parallel_geometry& g = job.geometry;
    const index_t real = size_of(real_type(p)), slice = g.ny * g.nx * real;
    const index_t sinogram = g.views() * g.detector;
    const index_t flying = 3 * slice;  // written behind
    const index_t work = slices * (sinogram * real + slice) + fbp::scratch_bytes(g, p, d, slices);
    const index_t stored = 2 * sinogram_reader::host_bytes(job.scan, data_of(h).type, slices);
    if (d.kind == device::cpu) return {slices, stored + work + flying, 0};
    return {slices, stored + flying,
            work + slices * sinogram * size_of(data_of(h).type) + 2 * slice};
  }

  // As many slices as lie side by side (tomo/fbp.hpp), fewer where they do not fit.
  static batch_layout batch_for(const stream_header& h, const fbp_job& job, const resources& r,
                                device d) {
    const index_t most = r.type == precision::f32 ? 32 : 16;
    index_t slices = most;
    while (slices / 2 >= job.rows.count) slices /= 2;
    for (;; slices /= 2) {
      const batch_layout b = bytes_of(h, job, r.type, d, slices);
      const bool fits = (r.host_bytes == 0 || b.host_bytes <= r.host_bytes) &&
                        (r.device_bytes == 0 || b.device_bytes <= r.device_bytes);
      if (fits || (slices == 1 && d.kind == device::cuda && !r.where)) return b;
      if (slices > 1) continue;
      throw memory_error(fmt::format(
          "a slice of {}x{} from {} views of {} pixels takes {}, there are {}: give --memory "
          "{:.0f}M",
          job.geometry.ny, job.geometry.nx, job.geometry.views(), job.geometry.detector,
          bytes_text(b.host_bytes), bytes_text(r.host_bytes),
          static_cast<double>(b.host_bytes) / (1 << 20) + 1));
    }
  }

  fbp_stage_options o_;
};

}  // namespace

std::unique_ptr<stage> make_fbp(const fbp_stage_options& o) {
  return std::make_unique<fbp_stage>(o);
}

}  // namespace ir
