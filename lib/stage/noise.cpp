#include "stage/noise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/random.hpp"
#include "core/resources.hpp"
#include "core/space.hpp"
#include "stage/frames.hpp"
#include "stage/noise_kernel.hpp"

namespace ir {
namespace {

class noisy final : public frame_source {
 public:
  noisy(std::unique_ptr<frame_source> from, const noise_options& o, const stage_plan& p)
      : from_(std::move(from)),
        header_(p.out),
        o_(o),
        type_(p.type),
        seed_(p.given.seed),
        data_(data_index(header_)) {}

  const stream_header& header() const override { return header_; }

 private:
  void do_deliver(delivery d) override { from_->deliver(d); }

  bool do_next(frame& f, queue& q) override {
    if (!from_->next(in_, q)) return false;
    if (in_.array_no != data_) {
      std::swap(f, in_);
      return true;
    }
    take_place(f, in_);
    const cref from = std::as_const(in_.data).get();
    f.data.reset(q, real_type(type_), from.extents);
    const ref to = f.data.get();
    copy(q, from, to);
    check(q, to);
    const index_t nx = from.extents.rank() > 0 ? from.extents[from.extents.rank() - 1] : 1;
    const index_t first = f.begin * nx;
    // Poisson and Gaussian numbers of a pixel are independent: each from a seed of its own.
    if (o_.poisson)
      make_poisson(q, {seed_ ^ 0x506f6973736f6eULL, f.number, first}, 1 / o_.gain.value_or(1), to);
    if (o_.sigma) add_gaussian(q, {seed_, f.number, first}, *o_.sigma, to);
    return true;
  }

  void check(queue& q, ref x) const {
    const index_t bad = count_not_finite(q, x);
    double negative = 0;
    if (o_.poisson)
      with_real(type_, [&]<class T>() {
        negative =
            sum_for(q, x.extents.count(), kernel::is_negative<T>{static_cast<const T*>(x.data)});
      });
    if (bad > 0)
      throw data_error(fmt::format("frame {}: {} of {} values are NaN or infinite", in_.number, bad,
                                   x.extents.count()));
    if (negative > 0)
      throw data_error(
          fmt::format("frame {}: {:.0f} of {} values are negative, which no mean of "
                      "Poisson noise is",
                      in_.number, negative, x.extents.count()));
  }

  std::unique_ptr<frame_source> from_;
  stream_header header_;
  noise_options o_;
  precision type_;
  std::uint64_t seed_;
  int data_;
  frame in_;
};

class noise final : public stage {
 public:
  explicit noise(const noise_options& o) : o_(o) {
    if (!o.sigma && !o.poisson)
      throw usage_error("no noise is asked for: give --sigma, --poisson or both");
    if (o.gain && !o.poisson) throw usage_error("--gain has a meaning only with --poisson");
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    stage_plan p;
    p.out = in[0];
    array_info& data = data_of(p.out);
    if (is_complex(data.type))
      throw data_error(
          fmt::format("noise is added to real data: '{}' is {}", data.name, name_of(data.type)));
    data.type = real_type(r.type);
    p.needs = {{access::parts, 0}};
    p.type = r.type;
    choose_device(p, data, r);
    const index_t part = std::min(part_bytes, frame_bytes(data));
    (p.where.kind == device::cuda ? p.device_bytes : p.host_bytes) = part;
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    return std::make_unique<noisy>(std::move(in[0]), o_, p);
  }

 private:
  /// A GPU pays where the numbers take longer than the way there and back: from a megapixel on.
  static void choose_device(stage_plan& p, const array_info& data, const resources& r) {
    const index_t pixels = extents_of(data).count();
    if (r.where) {
      p.where = *r.where;
      p.why = "asked for";
    } else if (cuda_device_count() == 0) {
      p.why = "no CUDA device";
    } else if (pixels < index_t{1} << 20) {
      p.why = "frames below a megapixel";
    } else {
      p.where = {device::cuda, 0};
      p.why = "frames of a megapixel or more";
    }
    p.seconds = static_cast<double>(pixels) *
                (p.where.kind == device::cuda ? 2e-9 : 5e-8 / std::max(1, r.threads));
  }

  noise_options o_;
};

}  // namespace

std::unique_ptr<stage> make_noise(const noise_options& o) { return std::make_unique<noise>(o); }

}  // namespace ir
