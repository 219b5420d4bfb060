#include "stage/fbp_slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

#include "core/error.hpp"
#include "io/spool.hpp"
#include "stage/scan_center.hpp"
#include "stage/sinogram_stream.hpp"
#include "tomo/fbp.hpp"
#include "tomo/half_acquisition.hpp"

namespace ir {
namespace {

batch_layout bytes_of(const stream_header& h, const fbp_job& job, precision p, device d,
                      index_t slices) {
  const parallel_geometry& g = job.geometry;
  const index_t real = size_of(real_type(p)), slice = g.ny * g.nx * real;
  const index_t sinogram = g.views() * g.detector;
  const index_t flying = 3 * slice;  // written behind
  const index_t work = slices * (sinogram * real + slice) + fbp::scratch_bytes(g, p, d, slices);
  const index_t stored = 2 * sinogram_reader::host_bytes(job.scan, data_of(h).type, slices);
  if (d.kind == device::cpu) return {slices, stored + work + flying, 0};
  return {slices, stored + flying, work + slices * sinogram * size_of(data_of(h).type) + 2 * slice};
}

std::string text_of(const std::string& method, const std::optional<center_answer>& a) {
  return a ? fmt::format("pixel {:.2f} +- {:.2f} by {}", a->center, a->error, method)
           : fmt::format("nothing by {}", method);
}

class slices_source final : public frame_source {
 public:
  slices_source(std::unique_ptr<frame_source> from, const fbp_stage_options& o, const stage_plan& p,
                fbp_job job)
      : from_(std::move(from)),
        header_(p.out),
        o_(o),
        limits_(p.given),
        type_(p.type),
        job_(std::move(job)),
        reader_(*from_, job_.scan, p.type, o.no_dark ? dark_is::zero : dark_is::given) {
    if (from_->regions() == nullptr)
      stream_.emplace(*from_, job_.scan, o.no_dark ? dark_is::zero : dark_is::given);
  }
  ~slices_source() override {
    if (ahead_.valid()) ahead_.wait();
  }

  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    if (!engine_) prepare(q);
    if (given_ == job_.rows.count) {
      if (stream_) stream_->finish(*host_);
      return tell(q), false;
    }
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
    const std::vector<double> degrees = stream_ ? stream_->angles(*host_) : reader_.angles(*host_);
    parallel_geometry& g = job_.geometry;
    g.angles = radians_of(degrees, o_.any_order);
    if (!o_.center) g.center = find_center(q);
    complete_ = half_acquisition::of(g.angles, g.detector, g.center);
    if (complete_) {
      g.center += static_cast<double>(complete_->before);
      g.detector = complete_->width();
    }
    batch_ = batch_for(from_->header(), job_, limits_, q.where()).slices;
    engine_.emplace(q, g, o_.filter, type_);
    q.fact("center", g.center - static_cast<double>(complete_ ? complete_->before : 0));
    q.fact("views", static_cast<double>(degrees.size()));
    q.fact("first_angle", degrees.front());
    q.fact("last_angle", degrees.back());
    if (complete_) q.fact("completed_width", static_cast<double>(g.detector));
    read_ahead();
  }

  double find_center(queue& q) const {
    scan_center_options how;
    how.dark = o_.no_dark ? dark_is::zero : dark_is::given;
    const rotation_center r = find_scan_center(q, *from_, job_.scan, how);
    if (!r.agree)
      throw data_error(
          fmt::format("the rotation centre is uncertain: {}, {}; ir-center tells "
                      "more, --center X decides",
                      text_of("opposite views", r.opposite), text_of("slices", r.slices)));
    q.fact("center_uncertainty", r.uncertainty);
    return r.center;
  }

  index_range rows_from(index_t first) const {
    const index_range& all = job_.rows;
    return {all.begin + first * all.step, std::min(batch_, all.count - first), all.step};
  }

  // The next rows of a file, while these are reconstructed.
  void read_ahead() {
    if (stream_ || asked_ == job_.rows.count) return;
    const index_range rows = rows_from(asked_);
    asked_ += rows.count;
    ahead_ = std::async(std::launch::async, [this, rows] { reader_.fetch(*host_, rows, coming_); });
  }

  void next_batch(queue& q) {
    if (stream_) {  // which a thread reads ahead
      stream_->fetch(*host_, rows_from(done_), here_);
    } else {
      ahead_.get();
      std::swap(coming_, here_);
      read_ahead();
    }
    const parallel_geometry& g = job_.geometry;
    const index_t n = here_.rows.count;
    const dtype real = real_type(type_);
    sinograms_.reset(q, real, {n, g.views(), g.detector});
    slices_.reset(q, real, {n, g.ny, g.nx});
    if (complete_)
      complete_rows(q, n);
    else
      reader_.convert(q, here_, sinograms_.get());
    engine_->apply(q, std::as_const(sinograms_).get(), slices_.get(), {done_, job_.rows.count});
    done_ += n;
  }

  void complete_rows(queue& q, index_t n) {
    const parallel_geometry& g = job_.geometry;
    const dtype real = real_type(type_);
    row_.reset(q, real, {1, g.views(), job_.scan.u.size});
    const ref all = sinograms_.get();
    for (index_t i = 0; i < n; ++i) {
      reader_.convert(q, here_, i, row_.get());
      auto* const to =
          static_cast<std::byte*>(all.data) + i * g.views() * g.detector * size_of(real);
      complete_->complete(q, std::as_const(row_).get(),
                          ref(to, real, {1, g.views(), g.detector}, all.where));
    }
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
  resources limits_;
  precision type_;
  fbp_job job_;
  index_t batch_ = 1;
  sinogram_reader reader_;
  std::optional<sinogram_stream> stream_;  // of a pipe that need not be kept
  std::unique_ptr<queue> host_;            // of the reading thread, once that runs
  std::optional<fbp> engine_;
  stored_sinograms here_, coming_;
  std::optional<half_acquisition> complete_;
  array row_, sinograms_, slices_;
  index_t asked_ = 0, done_ = 0, given_ = 0;  // slices
  std::future<void> ahead_;                   // ends before what it writes to
};

}  // namespace

batch_layout batch_for(const stream_header& h, const fbp_job& job, const resources& r, device d) {
  index_t slices = r.type == precision::f32 ? 32 : 16;
  while (slices / 2 >= job.rows.count) slices /= 2;
  const auto fits = [](index_t bytes, index_t budget) { return budget == 0 || bytes <= budget; };
  for (; slices > 1; slices /= 2) {
    const batch_layout b = bytes_of(h, job, r.type, d, slices);
    // A pipe that is kept in memory has the other half.
    if (fits(2 * b.host_bytes, r.host_bytes) && fits(b.device_bytes, r.device_bytes)) return b;
  }
  const batch_layout one = bytes_of(h, job, r.type, d, 1);
  const parallel_geometry& g = job.geometry;
  if (!fits(one.host_bytes, r.host_bytes))
    throw memory_error(
        fmt::format("a slice of {}x{} from {} views of {} pixels takes {}, there are {}: give "
                    "--memory {:.0f}M",
                    g.ny, g.nx, g.views(), g.detector, bytes_text(one.host_bytes),
                    bytes_text(r.host_bytes), static_cast<double>(one.host_bytes) / (1 << 20) + 1));
  if (r.where && d.kind == device::cuda && !fits(one.device_bytes, r.device_bytes))
    throw memory_error(
        fmt::format("a slice of {}x{} takes {} on the GPU, there are {}: use "
                    "--device cpu, or reconstruct a region",
                    g.ny, g.nx, bytes_text(one.device_bytes), bytes_text(r.device_bytes)));
  return one;
}

std::unique_ptr<frame_source> open_slices(std::unique_ptr<frame_source> from,
                                          const fbp_stage_options& o, const stage_plan& p,
                                          fbp_job job) {
  return std::make_unique<slices_source>(std::move(from), o, p, std::move(job));
}

}  // namespace ir
