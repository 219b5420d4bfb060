#include "stage/fbp.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "stage/fbp_slices.hpp"
#include "stage/references.hpp"
#include "stage/scan_center.hpp"
#include "stage/sinogram_stream.hpp"
#include "tomo/fbp.hpp"

namespace ir {
namespace {

class fbp_stage final : public stage {
 public:
  explicit fbp_stage(const fbp_stage_options& o) : o_(o) {
    if (o.pixel_size && !(*o.pixel_size > 0))
      throw usage_error(fmt::format("--pixel-size {:.9g}: it is above 0", *o.pixel_size));
    ramp_response(o.filter, 8);  // refuses cut-off and order
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const fbp_job job = plan_fbp(in[0], o_);
    if (job.scan.raw()) match_references(in[0], dark());
    stage_plan p;
    p.out = slices_of(in[0], job, o_, r.type);
    // Sinograms are taken as they come, unless rows of all of them are needed first. (A file is
    // read by its regions all the same.)
    const bool in_order = o_.center && job.scan.v_at == scan_layout::along;
    p.needs = {{in_order ? access::frames : access::random, 0}};
    p.type = r.type;
    const device gpu{device::cuda, 0};
    const parallel_geometry& g = job.geometry;
    const double updates = static_cast<double>(g.views() * g.ny) * static_cast<double>(g.nx);
    choose_device(p, r, updates, batch_for(in[0], job, r, gpu).device_bytes);
    const batch_layout b = batch_for(in[0], job, r, p.where);
    p.host_bytes = b.host_bytes;
    if (in_order) p.host_bytes += sinogram_stream::host_bytes(job.scan);
    if (!o_.center) {
      scan_center_options how;
      how.dark = dark();
      p.host_bytes = std::max(p.host_bytes, scan_center_bytes(in[0], job.scan, how));
    }
    p.device_bytes = b.device_bytes;
    p.scratch_bytes = fbp::scratch_bytes(g, r.type, p.where, b.slices);
    p.seconds = fbp::seconds(g, b.slices, p.where, r.threads) / static_cast<double>(b.slices);
    p.why += fmt::format("; {}; {} slice{} at once", what_arrives(in[0], job.scan), b.slices,
                         b.slices == 1 ? "" : "s");
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    fbp_job job = plan_fbp(in[0]->header(), o_);
    return open_slices(std::move(in[0]), o_, p, std::move(job));
  }

 private:
  dark_is dark() const { return o_.no_dark ? dark_is::zero : dark_is::given; }

  static std::string what_arrives(const stream_header& h, const scan_layout& s) {
    if (!s.raw()) return "line integrals";
    const auto count = [&](const std::optional<int>& array) {
      return array ? h.arrays[static_cast<std::size_t>(*array)].frames.value_or(1) : 0;
    };
    const auto text = [](index_t n, const char* what) {
      return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
    };
    return fmt::format("counts, {}, {}: flat field and -log", text(count(s.flat), "flat"),
                       text(count(s.dark), "dark"));
  }

  fbp_stage_options o_;
};

}  // namespace

std::unique_ptr<stage> make_fbp(const fbp_stage_options& o) {
  return std::make_unique<fbp_stage>(o);
}

}  // namespace ir
