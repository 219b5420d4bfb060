#include "denoise/median.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "denoise/filter_box.hpp"
#include "denoise/median_engines.hpp"

namespace ir {
namespace {

using detail::filter_box;
using detail::median_cost;
using detail::median_job;

enum class way : std::uint8_t { network, histograms, bins, ranks };

// A fixed rule, so that the same input takes the same way everywhere; all give the same values.
way way_for(dtype type, int spatial, index_t radius, bool masked) {
  if (masked || spatial == 3) return way::ranks;
  if (spatial == 2 && (radius == 1 || radius == 2)) return way::network;
  if (type == dtype::u8) return way::histograms;
  return spatial == 2 && radius > 0 ? way::bins : way::ranks;
}

median_cost cost_of(way w, dtype type, int spatial, index_t radius) {
  if (w == way::network) return detail::cost_of_network(radius, type);
  if (w == way::histograms) return detail::cost_of_histograms(radius);
  if (w == way::bins) return detail::cost_of_bins(radius, type);
  return detail::cost_of_ranks(radius, spatial, type);
}

template <class T>
void on_cpu(queue& q, const median_job<T>& job) {
  const detail::median_window<T>& w = job.window;
  const way how = way_for(detail::type_of<T>(), w.spatial, w.radius, w.valid != nullptr);
  if (how == way::network) return detail::median_by_network(q, job);
  if constexpr (sizeof(T) == 1) {
    if (how == way::histograms) return detail::median_by_histograms(q, job);
  } else {
    if (how == way::bins) return detail::median_by_bins(q, job);
  }
  detail::median_by_ranks(q, job);
}

class median_filter final : public denoiser {
 public:
  explicit median_filter(const median_options& o) : options_(o) {
    if (o.radius < 0 || o.radius > 2047)
      throw usage_error(fmt::format("the radius of a median is {}: 0 to 2047", o.radius));
  }

 private:
  halo do_reach() const override {
    if (options_.rule == boundary::circular) return {detail::whole_axis, true};
    return {4 * options_.radius + 3, true};
  }
  bool do_takes(dtype t) const override { return t == dtype::u8 || t == dtype::u16; }

  bool do_channels_alone() const override { return true; }
  index_t do_scratch(const shape& slab, dtype work, device d) const override {
    if (d.kind == device::cuda) return 0;
    index_t most = 0;  // a mask may come or not
    for (const bool masked : {false, true}) {
      const way w = way_for(work, slab.rank() - 1, options_.radius, masked);
      most = std::max(most, cost_of(w, work, slab.rank() - 1, options_.radius).bytes);
    }
    return threads() * most;
  }

  double do_seconds(const shape& image, device d, int threads) const override {
    return do_seconds_in(dtype::f32, image, d, threads);
  }
  double do_seconds_in(dtype work, const shape& image, device d, int threads) const override {
    const int spatial = image.rank() - 1;
    const auto pixels = static_cast<double>(image.count());
    if (d.kind == device::cuda) {
      double window = 8.0 * static_cast<double>(size_of(work));  // passes
      for (int a = 0; a < spatial; ++a) window *= 2.0 * static_cast<double>(options_.radius) + 1;
      return pixels * window * 1e-12;
    }
    const way w = way_for(work, spatial, options_.radius, false);
    return 1e-9 * pixels * cost_of(w, work, spatial, options_.radius).ns / threads;
  }

  std::unique_ptr<denoising> do_begin() const override {
    return denoising_by([o = options_](queue& q, const noisy_image& in, plane_range keep, ref out) {
      switch (in.data.type) {
        case dtype::u8:
          return slab<std::uint8_t>(q, o, in, keep, out);
        case dtype::u16:
          return slab<std::uint16_t>(q, o, in, keep, out);
        case dtype::f32:
          return slab<float>(q, o, in, keep, out);
        case dtype::f64:
          return slab<double>(q, o, in, keep, out);
        default:
          throw shape_error(
              fmt::format("the median of {}: u8, u16, f32 or f64", name_of(in.data.type)));
      }
    });
  }

  template <class T>
  static void slab(queue& q, const median_options& o, const noisy_image& in, plane_range keep,
                   ref out) {
    const filter_box box(in.data.extents, keep);
    const auto* valid = in.valid ? static_cast<const std::uint8_t*>(in.valid->data) : nullptr;
    for (index_t c = 0; c < box.channels; ++c) {
      const T* const from = static_cast<const T*>(in.data.data) + c * box.slab_count();
      T* const to = static_cast<T*>(out.data) + c * box.kept_count();
      const median_job<T> job{{{from, {box.n[0], box.n[1], box.n[2]}},
                               valid,
                               {box.first[0], box.first[1], box.first[2]},
                               o.radius,
                               in.spatial(),
                               o.rule},
                              {to, {box.kept[0], box.kept[1], box.kept[2]}}};
      if (q.where().kind == device::cuda)
        parallel_for(q, box.kept, kernel::median_by_bits<T>{job.window, job.out});
      else
        on_cpu(q, job);
    }
  }

  median_options options_;
};

}  // namespace

std::unique_ptr<denoiser> make_median(const median_options& o) {
  return std::make_unique<median_filter>(o);
}

}  // namespace ir
