#include "denoise/total_variation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/blas1_kernel.hpp"
#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/space.hpp"
#include "denoise/tv_sure.hpp"
#include "fn/tv_plain_kernel.hpp"

namespace ir {
namespace {

constexpr index_t halo_radius = 48;
constexpr double iterations_expected = 64;    // to the default gap, sigma 25 of 255: tv_bench
constexpr double cpu_seconds_a_value = 1e-9;  // of one iteration, on one thread
constexpr double gpu_iterations_expected = 91;
constexpr double gpu_seconds_a_value = 2e-10;  // the goal of tv_plain_kernel.hpp, not measured

shape channel_of(const shape& image) { return shape(image.extents().subspan(1)); }

/// w of each pixel, in proportion to the map of sigma.
void scale_map(queue& q, cref map, double factor, ref to) {
  with_real(map.type == dtype::f64 ? precision::f64 : precision::f32, [&]<class T>() {
    parallel_for(q, {map.extents.count()},
                 kernel::scaled_copy<T>{static_cast<const T*>(map.data), static_cast<T*>(to.data),
                                        static_cast<T>(factor)});
  });
}

double valid_values(queue& q, const noisy_image& in) {
  const index_t all = in.data.extents.count() / in.channels();
  const double each =
      in.valid ? sum_for(q, all,
                         kernel::tv_valid_count{static_cast<const std::uint8_t*>(in.valid->data)})
               : static_cast<double>(all);
  return each * static_cast<double>(in.channels());
}

class tv_denoising final : public denoising {
 public:
  explicit tv_denoising(const tv_options& o) : options_(o) {}

 private:
  void do_slab(queue&, const noisy_image&, plane_range keep, ref out) override;
  void do_finish(queue&) override;
  void solve(queue&, const noisy_image&, plane_range keep, ref out);

  bool by(tv_rule rule) const { return !options_.weight && options_.rule == rule; }

  tv_options options_;
  tv_energy energy_;
  std::optional<tv_seam> seam_;
  double sigma_ = 0, weight_ = 0;
  index_t iterations_ = 0;
};

// A whole line is one row; where a part of it is kept, each element is a plane of its own.
void line_as_image(noisy_image& in, plane_range& keep, ref& out) {
  if (in.spatial() > 1) return;
  const index_t n = in.data.extents[1], kept = keep.last - keep.first;
  const bool whole = kept == n;
  const auto as = [&](index_t channels, index_t count) {
    std::vector<index_t> e;
    if (channels > 0) e.push_back(channels);
    e.insert(e.end(), {whole ? 1 : count, whole ? count : 1});
    return shape(e);
  };
  in.data.extents = as(in.channels(), n);
  out.extents = as(in.channels(), kept);
  if (in.sigma_map) in.sigma_map->extents = as(0, n);
  if (in.valid) in.valid->extents = as(0, n);
  if (whole) keep = {0, 1};
}

void tv_denoising::do_slab(queue& q, const noisy_image& given, plane_range keep, ref out) {
  noisy_image in = given;
  line_as_image(in, keep, out);
  const double factor = tv_weight(options_.kind, in.channels());
  sigma_ = in.sigma;
  weight_ = options_.weight.value_or(factor * in.sigma);
  if (!(weight_ >= 0 && std::isfinite(weight_)))
    throw usage_error(
        fmt::format("total variation with a sigma of {:g}, a weight of {:g}: "
                    "not below 0",
                    in.sigma, weight_));
  if (weight_ > 0) return solve(q, in, keep, out);
  if (in.valid)
    throw usage_error("total variation with a weight of 0 fills no invalid pixels: above 0");
  // The data are the minimiser.
  const index_t planes = in.data.extents[1], kept = keep.last - keep.first;
  const index_t plane = in.data.extents.count() / (in.channels() * planes);
  const auto part = [&](auto r, index_t first, index_t count) {
    const shape flat{r.extents.count() / plane, plane};
    return decltype(r)(r.data, r.type, flat, r.where).lines(first, first + count);
  };
  for (index_t c = 0; c < in.channels(); ++c)
    copy(q, part(in.data, c * planes + keep.first, kept), part(out, c * kept, kept));
}

void tv_denoising::solve(queue& q, const noisy_image& in, plane_range keep, ref out) {
  const shape& n = in.data.extents;
  array weights;
  tv_problem problem{in.data, weight_, {}, in.valid, options_.kind};
  if (in.sigma_map && weight_ > 0) {
    weights = array(q, in.data.type, channel_of(n));
    scale_map(q, *in.sigma_map, weight_ / in.sigma, weights.get());
    problem.weights = weights.get();
  }
  const auto dual = tv_dual::make(q, problem);
  tv_stop stop{options_.gap, options_.iterations};
  if (n[1] != keep.last - keep.first && (by(tv_rule::discrepancy) || by(tv_rule::sure)))
    throw usage_error(
        fmt::format("--weight {} needs the image whole, and it is worked on in slabs: give more "
                    "memory, or a number for the weight",
                    by(tv_rule::sure) ? "sure" : "discrepancy"));
  const double values = valid_values(q, in);
  if (by(tv_rule::discrepancy)) {
    // The weights are in proportion to sigma, and so is their mean.
    const double sigma = dual->weight() * in.sigma / weight_;
    stop.misfit = values * sigma * sigma;
  }
  index_t searching = 0;
  if (by(tv_rule::sure)) {
    if (in.sigma_map) throw usage_error("--weight sure takes one sigma, not one for each pixel");
    searching = tv_follow_sure(q, problem, in.sigma, values, *dual).iterations;
  }
  const tv_outcome o = tv_solve(q, *dual, stop);
  weight_ = dual->weight();
  iterations_ = std::max(iterations_, searching + o.iterations);
  const tv_seam* const before = seam_ ? &*seam_ : nullptr;
  energy_ += before == nullptr && keep == plane_range{0, n[1]}
                 ? o.energy
                 : dual->evaluate(q, keep.first, keep.last, before);
  dual->result(q, keep.first, keep.last, out);
  seam_ = dual->seam(q, keep.last);
}

void tv_denoising::do_finish(queue& q) {
  q.fact("sigma", sigma_);
  q.fact("weight", weight_);
  q.fact("gap", energy_.relative());
  q.fact("iterations", static_cast<double>(iterations_));
}

class total_variation final : public denoiser {
 public:
  explicit total_variation(const tv_options& o) : options_(o) {}

 private:
  halo do_reach() const override { return {halo_radius, false}; }
  index_t do_scratch(const shape& slab, dtype work, device d) const override {
    // The state of the iterations, the weights of the slab's pixels.
    const bool sure = !options_.weight && options_.rule == tv_rule::sure;
    return tv_dual::scratch_bytes(slab, work, d) + channel_of(slab).count() * size_of(work) +
           (sure ? tv_sure_bytes(slab, work, d) : 0);
  }
  double do_seconds(const shape& image, device d, int threads) const override {
    const double values = static_cast<double>(image.count());
    if (d.kind == device::cuda) return values * gpu_iterations_expected * gpu_seconds_a_value;
    return values * iterations_expected * cpu_seconds_a_value / threads;
  }
  std::unique_ptr<denoising> do_begin() const override {
    return std::make_unique<tv_denoising>(options_);
  }
  tv_options options_;
};

}  // namespace

// Measured for 1 and 3 channels; the power goes through both.
double tv_weight(tv_kind kind, index_t channels) {
  const double one = kind == tv_kind::isotropic ? 0.77 : 0.63;
  return one * std::pow(static_cast<double>(channels), 0.4);
}

std::unique_ptr<denoiser> make_total_variation(const tv_options& o) {
  if (o.weight && !(*o.weight >= 0 && std::isfinite(*o.weight)))
    throw usage_error(fmt::format("a total variation weight of {:g}: 0 or above", *o.weight));
  if (!(o.gap >= 0))
    throw usage_error(fmt::format("a relative gap of {:g} to stop at: 0 or above", o.gap));
  if (o.iterations < 1) throw usage_error(fmt::format("{} iterations: at least 1", o.iterations));
  return std::make_unique<total_variation>(o);
}

}  // namespace ir
