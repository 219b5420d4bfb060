#include "denoise/nlm.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/space.hpp"
#include "denoise/nlm_kernel.hpp"
#include "denoise/nlm_tiles.hpp"

namespace ir {
namespace {

void check_width(const char* what, index_t width) {
  if (width < 1 || width % 2 == 0)
    throw usage_error(
        fmt::format("a {} of width {} for non-local means: an odd width >= 1", what, width));
}

template <class T>
kernel::nlm_pixel<T> pixel_kernel(const noisy_image& in, const detail::nlm_reach& reach,
                                  double strength, plane_range keep, ref out) {
  kernel::nlm_pixel<T> kernel{};
  kernel.in = static_cast<const T*>(in.data.data);
  if (in.sigma_map) kernel.sigma = static_cast<const T*>(in.sigma_map->data);
  if (in.valid) kernel.valid = static_cast<const std::uint8_t*>(in.valid->data);
  kernel.out = static_cast<T*>(out.data);
  kernel.channels = in.channels();
  const shape& n = in.data.extents;
  for (int axis = 0; axis < 3; ++axis) {
    const int from = axis + n.rank() - 3;
    kernel.n[axis] = from >= 1 ? n[from] : 1;
    kernel.patch[axis] = reach.patch[axis];
    kernel.search[axis] = reach.search[axis];
  }
  // Slabs are cut along the slowest spatial axis, which is not always the kernel's first.
  kernel.cut = 3 - in.spatial();
  kernel.first = keep.first;
  kernel.kept = keep.last - keep.first;
  kernel.variance = static_cast<T>(in.sigma * in.sigma);
  kernel.strength2 = static_cast<T>(strength * strength);
  return kernel;
}

void on_gpu(queue& q, const noisy_image& in, const detail::nlm_reach& reach, double strength,
            plane_range keep, ref out) {
  with_real(in.data.type == dtype::f64 ? precision::f64 : precision::f32, [&]<class T>() {
    const auto kernel = pixel_kernel<T>(in, reach, strength, keep, out);
    parallel_for(q, {kernel.made(0), kernel.made(1), kernel.made(2)}, kernel);
  });
}

class nlm final : public denoiser {
 public:
  explicit nlm(const nlm_options& o) : o_(o) {
    check_width("patch", o.patch);
    check_width("search window", o.search);
    if (!(o.strength > 0) || !std::isfinite(o.strength))
      throw usage_error(
          fmt::format("a strength of {} for non-local means: a finite number > 0", o.strength));
  }

 private:
  halo do_reach() const override { return {o_.patch / 2 + o_.search / 2, true}; }

  index_t do_scratch(const shape& slab, dtype work, device d) const override {
    if (d.kind == device::cuda) return 0;
    return detail::nlm_cpu_scratch(slab, work, reach_of(slab.rank() - 1));
  }

  // 0.9 ns a pixel and pair of shifts on one thread, and more for each further channel or plane of
  // a patch: nlm_bench on a busy Zen 4. The GPU's factors are estimates from its arithmetic.
  double do_seconds(const shape& image, device d, int threads) const override {
    const int spatial = image.rank() - 1;
    const double shifts = (std::pow(static_cast<double>(o_.search), spatial) - 1) / 2;
    const double planes = spatial > 2 ? static_cast<double>(o_.patch) : 1.0;
    const double terms = static_cast<double>(image[0]) * planes;
    const double pixels =
        static_cast<double>(image.count()) / static_cast<double>(std::max<index_t>(1, image[0]));
    const double each = 0.55e-9 + 0.35e-9 * terms;
    const bool tuned = spatial == 2 && o_.patch >= 3 && o_.patch <= 7;
    return pixels * shifts * each / (d.kind == device::cuda ? (tuned ? 40.0 : 5.0) : threads);
  }

  std::unique_ptr<denoising> do_begin() const override {
    return denoising_by([o = o_](queue& q, const noisy_image& in, plane_range keep, ref out) {
      if (!(in.sigma >= 0) || !std::isfinite(in.sigma))
        throw usage_error(
            fmt::format("sigma {} for non-local means: a finite number >= 0", in.sigma));
      const auto reach = detail::nlm_reach_of(in.spatial(), o.patch, o.search);
      q.where().kind == device::cuda ? on_gpu(q, in, reach, o.strength, keep, out)
                                     : detail::nlm_on_cpu(q, in, reach, o.strength, keep, out);
    });
  }

  detail::nlm_reach reach_of(int spatial) const {
    return detail::nlm_reach_of(spatial, o_.patch, o_.search);
  }

  nlm_options o_;
};

}  // namespace

std::unique_ptr<denoiser> make_nlm(const nlm_options& o) { return std::make_unique<nlm>(o); }

}  // namespace ir
