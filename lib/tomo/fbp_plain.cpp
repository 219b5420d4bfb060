#include <algorithm>
#include <vector>

#include "core/parallel_for.hpp"
#include "fft/plan.hpp"
#include "tomo/fbp_engine.hpp"
#include "tomo/fbp_kernel.hpp"

// What runs on a GPU, from kernels that run anywhere:
//
//   for each 8 slices, for each chunk of views
//     pad the rows, transform, times the response, back    -> (slice, view, k)
//     lay the slices side by side                          -> (view, sample, slice)
//     for each pixel: sum the chunk's views, add to the slices

namespace ir::detail {
namespace {

constexpr index_t most_views = 128;  // of a chunk

constexpr index_t round_up(index_t n, index_t to) { return (n + to - 1) / to * to; }

template <class T>
class plain_engine final : public fbp::engine {
 public:
  static constexpr index_t group = kernel::fbp_slices;
  static constexpr index_t size = static_cast<index_t>(sizeof(T));

  plain_engine(queue& q, const parallel_geometry& g, const ramp_options& o, precision p)
      : engine(g, p, q.where()),
        options_(o),
        length_(ramp_length(g.detector)),
        chunk_(std::min<index_t>(g.views(), most_views)),
        lines_(q, dtype::f64, shape{g.views(), 3}),
        factors_(q, real_type(p), shape{g.views()}),
        response_(q, real_type(p), shape{length_ / 2 + 1}),
        there_(fft_plan::get(contiguous_fft(fft_kind::r2c, p, padded_extents(), 1), where)),
        back_(fft_plan::get(contiguous_fft(fft_kind::c2r, p, padded_extents(), 1), where)) {
    std::vector<double> response = ramp_response(o, length_);
    for (double& r : response) r /= static_cast<double>(length_);
    const std::vector<view_line> lines = view_lines(g);
    const std::vector<double> factors = view_factors(g);
    copy(q, cref(lines.data(), dtype::f64, shape{g.views(), 3}), lines_.get());
    copy(q, cref(factors.data(), dtype::f64, shape{g.views()}), factors_.get());
    copy(q, cref(response.data(), dtype::f64, shape{length_ / 2 + 1}), response_.get());
    q.synchronize();  // the host's tables end here
  }

  index_t scratch_bytes(index_t) const override {
    return padded_bytes() + spectrum_bytes() + samples_bytes() +
           std::max(there_->scratch_bytes(), back_->scratch_bytes()) + 256;
  }

  void apply(queue& q, cref sinograms, ref slices, const fbp::run& of) const override {
    const scratch padded(q, padded_bytes()), spectrum(q, spectrum_bytes()),
        samples(q, samples_bytes());
    const index_t n = sinograms.extents[0];
    const index_t pixels = geometry.ny * geometry.nx, rows = geometry.views() * geometry.detector;
    for (index_t first = 0; first < n; first += group) {
      const index_t count = std::min(group, n - first);
      for (index_t view = 0; view < geometry.views(); view += chunk_) {
        q.poll();
        filter(q, static_cast<const T*>(sinograms.data) + first * rows, count, view,
               static_cast<T*>(padded.data()), static_cast<T*>(spectrum.data()));
        sum(q, static_cast<T*>(slices.data) + first * pixels, count, view,
            static_cast<const T*>(padded.data()), static_cast<T*>(samples.data()));
      }
      q.progress("slice", of.before + first + count, of.all);
    }
  }

 private:
  shape padded_extents() const { return {group, chunk_, length_}; }
  index_t padded_bytes() const { return round_up(group * chunk_ * length_ * size, 64); }
  index_t spectrum_bytes() const {
    return round_up(group * chunk_ * (length_ / 2 + 1) * 2 * size, 64);
  }
  index_t per_view() const { return geometry.detector + 3; }
  index_t samples_bytes() const { return round_up(chunk_ * per_view() * group * size, 64); }

  // The last chunk may be short: what lies behind its last view is transformed and not used.
  void filter(queue& q, const T* sinograms, index_t count, index_t view, T* padded,
              T* spectrum) const {
    const index_t views = std::min(chunk_, geometry.views() - view);
    const nd_view<T, 3> all{padded, {group, chunk_, length_}};
    const bool zero = options_.padding == row_padding::zero;
    parallel_for(q, {group, views, length_},
                 kernel::pad_row<T>{sinograms + view * geometry.detector, all, geometry.views(),
                                    geometry.detector, count, zero});
    if (options_.window == ramp_window::none) return;
    const index_t frequencies = length_ / 2 + 1;
    const ref rows(padded, real_type(type), padded_extents(), where);
    const ref half(spectrum, complex_type(type), {group, chunk_, frequencies}, where);
    there_->run(q, rows, half);
    parallel_for(q, {group * chunk_, frequencies},
                 kernel::weigh_frequency<T>{{spectrum, {group * chunk_, 2 * frequencies}},
                                            static_cast<const T*>(response_.get().data)});
    back_->consume(q, half, rows);
  }

  void sum(queue& q, T* slices, index_t count, index_t view, const T* padded, T* samples) const {
    const index_t views = std::min(chunk_, geometry.views() - view);
    parallel_for(q, {views, per_view(), group},
                 kernel::interleave_slices<T>{{padded, {group, chunk_, length_}},
                                              {samples, {chunk_, per_view(), group}},
                                              static_cast<const T*>(factors_.get().data) + view,
                                              geometry.detector});
    using kernel_type = kernel::backproject<T>;
    parallel_for(
        q, {geometry.ny, geometry.nx},
        kernel_type{static_cast<const typename kernel_type::group*>(static_cast<void*>(samples)),
                    static_cast<const double*>(lines_.get().data) + 3 * view, slices, views,
                    per_view(), geometry.detector, geometry.ny, geometry.nx, count,
                    view == 0 ? mode::set : mode::add});
  }

  ramp_options options_;
  index_t length_, chunk_;
  array lines_, factors_, response_;
  std::shared_ptr<const fft_plan> there_, back_;
};

}  // namespace

std::unique_ptr<const fbp::engine> plain_fbp(queue& q, const parallel_geometry& g,
                                             const ramp_options& o, precision p) {
  if (p == precision::f32) return std::make_unique<plain_engine<float>>(q, g, o, p);
  return std::make_unique<plain_engine<double>>(q, g, o, p);
}

// Padded rows, their spectra, as much again for the transforms, samples side by side.
index_t plain_fbp_bytes(const parallel_geometry& g, precision p) {
  const index_t rows = kernel::fbp_slices * std::min<index_t>(g.views(), most_views);
  return rows * (4 * ramp_length(g.detector) + g.detector + 8) * size_of(real_type(p));
}

}  // namespace ir::detail
