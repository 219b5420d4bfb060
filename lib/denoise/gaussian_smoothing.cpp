#include "denoise/gaussian_smoothing.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/space.hpp"
#include "denoise/gaussian_smoothing_kernel.hpp"
#include "denoise/gaussian_smoothing_tile.hpp"

namespace ir {
namespace {

using detail::filter_box;
using detail::half_kernel;

// Nanoseconds a pixel, axis and term of a pair in f32, one thread: tests/bench/filter_bench, AMD
// EPYC (Zen 4).
constexpr double base_ns = 0.2, pair_ns = 0.2;

std::vector<double> sampled(double width, double truncate) {
  const auto radius = static_cast<index_t>(truncate * width + 0.5);
  std::vector<double> w;
  double sum = 0;
  for (index_t k = 0; k <= radius; ++k) {
    const double t = k == 0 ? 0 : static_cast<double>(k) / width;
    w.push_back(std::exp(-0.5 * t * t));
    sum += k == 0 ? w.back() : 2 * w.back();
  }
  for (double& v : w) v /= sum;
  return w;
}

template <class T>
std::vector<T> in_type(const std::vector<double>& w) {
  return {w.begin(), w.end()};
}

// The three axes' kernels in the type of the work, on the host or on the queue's device.
template <class T>
class kernels {
 public:
  kernels(queue& q, const std::vector<double> (&w)[3]) {
    for (int a = 0; a < 3; ++a) host_[a] = in_type<T>(w[a]);
    if (q.where().kind == device::cpu) return;
    for (int a = 0; a < 3; ++a) {
      const shape n{std::ssize(host_[a])};
      on_device_[a].reset(q, detail::type_of<T>(), n);
      copy(q, cref(host_[a].data(), detail::type_of<T>(), n), on_device_[a].get());
    }
    q.synchronize();  // the host's copies may go
  }
  half_kernel<T> operator[](int a) const {
    const T* w =
        on_device_[a].empty() ? host_[a].data() : static_cast<const T*>(on_device_[a].get().data);
    return {w, std::ssize(host_[a]) - 1};
  }

 private:
  std::vector<T> host_[3];
  array on_device_[3];
};

// One channel: from (z, y, x) of the box's extents, to its kept part.
template <class T>
class smoother {
 public:
  smoother(queue& q, const filter_box& b, const std::vector<double> (&w)[3], boundary rule)
      : q_(q), box_(b), w_(q, w), rule_(rule), workers_(threads()) {}

  void run(const T* from, T* to, T outside) const {
    if (q_.where().kind == device::cuda) return on_device(from, to, outside);
    const std::vector<T> empty(static_cast<std::size_t>(std::max(box_.n[2], plane_t::piece)),
                               outside);
    if (w_[0].radius == 0)
      return planes(from + box_.first[0] * box_.n[1] * box_.n[2], to, outside, empty.data());
    const scratch middle(q_, box_.kept[0] * box_.n[1] * box_.n[2] * index_t{sizeof(T)});
    along_z(from, static_cast<T*>(middle.data()), empty.data());
    planes(static_cast<const T*>(middle.data()), to, outside, empty.data());
  }

  static index_t scratch_bytes(const shape& slab, const std::vector<double> (&w)[3]) {
    const filter_box b(slab, {0, slab[1]});
    const index_t radius = std::ssize(w[0]) + std::ssize(w[1]) + std::ssize(w[2]);
    return 2 * b.slab_count() * index_t{sizeof(T)} +
           threads() * (tile_t::work_bytes(radius, radius) + 64);
  }

 private:
  using tile_t = detail::smooth_tile<T>;
  using plane_t = detail::smooth_planes<T>;

  void along_z(const T* from, T* to, const T* empty) const {
    const index_t each = 2 * w_[0].radius + 1;
    const scratch lines(q_, workers_ * each * index_t{sizeof(T*)});
    const auto with = [&](int worker) {
      return plane_t{from,          to,
                     box_.n[0],     box_.n[1] * box_.n[2],
                     box_.first[0], box_.kept[0],
                     w_[0],         rule_,
                     empty,         static_cast<const T**>(lines.data()) + worker * each};
    };
    detail::run_tasks(
        q_, with(0).pieces() * box_.kept[0], workers_, plane_t::piece * seconds_of(0),
        [&](index_t task, int worker) noexcept { run_row<1>(with(worker), 0, 0, task, task + 1); });
  }

  void planes(const T* from, T* to, T outside, const T* empty) const {
    const index_t each = (tile_t::work_bytes(w_[1].radius, w_[2].radius) + 63) / 64 * 64;
    const scratch work(q_, workers_ * each);
    // Along x of a 1-D image the slab's halo is cut away below.
    const bool line_only = box_.n[0] == 1 && box_.n[1] == 1;
    const scratch whole(q_, line_only ? box_.n[2] * index_t{sizeof(T)} : 0);
    const auto with = [&](index_t plane, int worker) {
      char* const mine = static_cast<char*>(work.data()) + worker * each;
      T* const line = reinterpret_cast<T*>(mine);
      const index_t length = tile_t::columns + 2 * w_[2].radius;
      char* const rows = mine + (length * index_t{sizeof(T)} + 63) / 64 * 64;
      return tile_t{
          from + plane * box_.n[1] * box_.n[2],
          line_only ? static_cast<T*>(whole.data()) : to + plane * box_.kept[1] * box_.n[2],
          box_.n[1],
          box_.n[2],
          box_.first[1],
          box_.kept[1],
          w_[1],
          w_[2],
          rule_,
          outside,
          empty,
          line,
          reinterpret_cast<const T**>(rows)};
    };
    const index_t tiles = with(0, 0).tiles();
    detail::run_tasks(q_, tiles * box_.kept[0], workers_,
                      tile_t::columns * tile_t::rows * (seconds_of(1) + seconds_of(2)),
                      [&](index_t task, int worker) noexcept {
                        const index_t tile = task % tiles;
                        run_row<1>(with(task / tiles, worker), 0, 0, tile, tile + 1);
                      });
    if (line_only)
      std::copy_n(static_cast<const T*>(whole.data()) + box_.first[2], box_.kept[2], to);
  }

  double seconds_of(int axis) const {
    return 1e-9 * (base_ns + pair_ns * static_cast<double>(w_[axis].radius));
  }

  // The slowest axis first, as on the CPU: the kept part shrinks there.
  void on_device(const T* from, T* to, T outside) const {
    index_t n[3] = {box_.n[0], box_.n[1], box_.n[2]};
    const index_t bytes = box_.slab_count() * index_t{sizeof(T)};
    const scratch one(q_, bytes), two(q_, bytes);
    T *const a = static_cast<T*>(one.data()), *const b = static_cast<T*>(two.data());
    pass<0>(from, n, a, outside);
    pass<1>(a, n, b, outside);
    pass<2>(b, n, to, outside);
  }
  template <int AXIS>
  void pass(const T* from, index_t (&n)[3], T* to, T outside) const {
    const nd_view<const T, 3> x{from, {n[0], n[1], n[2]}};
    n[AXIS] = box_.kept[AXIS];
    parallel_for(q_, n,
                 kernel::symmetric_line<T, AXIS>{x,
                                                 {to, {n[0], n[1], n[2]}},
                                                 w_[AXIS].w,
                                                 w_[AXIS].radius,
                                                 box_.first[AXIS],
                                                 rule_,
                                                 outside});
  }

  queue& q_;
  const filter_box& box_;
  kernels<T> w_;
  boundary rule_;
  int workers_;
};

class gaussian_smoothing final : public denoiser {
 public:
  explicit gaussian_smoothing(const gaussian_options& o) : rule_(o.rule) {
    if (o.width.empty() || o.width.size() > 3)
      throw usage_error(fmt::format("{} widths of a Gaussian: one, or one for each spatial axis",
                                    o.width.size()));
    if (!(o.truncate >= 3 && o.truncate <= 100))
      throw usage_error(fmt::format("a Gaussian that ends at {} widths: 3 to 100", o.truncate));
    for (const double w : o.width) {
      if (!(w >= 0 && w <= 1e6))
        throw usage_error(fmt::format("the width of a Gaussian is {} pixels: 0 to 1e6", w));
      w_.push_back(sampled(w, o.truncate));
    }
  }

 private:
  using axes = std::vector<double>[3];

  // Kernels of z, y, x; 1 on an axis that the image does not have.
  void spread(int spatial, axes& w) const {
    if (w_.size() > 1 && std::ssize(w_) != spatial)
      throw shape_error(fmt::format("{} widths of a Gaussian for an image of {} spatial axes",
                                    w_.size(), spatial));
    for (int a = 0; a < 3; ++a) {
      const int own = a - (3 - spatial);
      w[a] =
          own < 0 ? std::vector<double>{1} : w_[w_.size() == 1 ? 0 : static_cast<std::size_t>(own)];
    }
  }

  halo do_reach() const override {
    std::size_t longest = 0;
    for (const auto& w : w_) longest = std::max(longest, w.size());
    if (rule_ == boundary::circular && longest > 1) return {detail::whole_axis, true};
    return {static_cast<index_t>(longest) - 1, true};
  }

  bool do_channels_alone() const override { return true; }
  index_t do_scratch(const shape& slab, dtype work, device) const override {
    axes w;
    spread(slab.rank() - 1, w);
    index_t bytes = 0;
    with_real(work == dtype::f64 ? precision::f64 : precision::f32, [&]<class T>() {
      // With a mask: the weights, and the values of a channel.
      bytes = smoother<T>::scratch_bytes(slab, w) +
              2 * filter_box(slab, {0, slab[1]}).slab_count() * index_t{sizeof(T)};
    });
    return bytes;
  }

  double do_seconds(const shape& image, device d, int threads) const override {
    return do_seconds_in(dtype::f32, image, d, threads);
  }
  double do_seconds_in(dtype work, const shape& image, device d, int threads) const override {
    axes w;
    spread(image.rank() - 1, w);
    double ns = 0;
    for (const auto& axis : w)
      if (axis.size() > 1) ns += base_ns + pair_ns * static_cast<double>(axis.size());
    // On a GPU: each term is a load that the cache serves.
    const double share = d.kind == device::cuda ? 1.0 / 900 : 1.0 / threads;
    const double width = static_cast<double>(size_of(work)) / 4;  // of a number, in f32's
    return 1e-9 * width * ns * static_cast<double>(image.count()) * share;
  }

  std::unique_ptr<denoising> do_begin() const override {
    return denoising_by([this](queue& q, const noisy_image& in, plane_range keep, ref out) {
      axes w;
      spread(in.spatial(), w);
      const filter_box box(in.data.extents, keep);
      if (in.data.type != dtype::f32 && in.data.type != dtype::f64)
        throw shape_error(
            fmt::format("Gaussian smoothing of {}: f32 or f64", name_of(in.data.type)));
      with_real(in.data.type == dtype::f64 ? precision::f64 : precision::f32, [&]<class T>() {
        const smoother<T> s(q, box, w, rule_);
        const T* from = static_cast<const T*>(in.data.data);
        T* to = static_cast<T*>(out.data);
        if (in.valid) return masked(q, s, box, from, *in.valid, to);
        for (index_t c = 0; c < box.channels; ++c)
          s.run(from + c * box.slab_count(), to + c * box.kept_count(), T(0));
      });
    });
  }

  template <class T>
  static void masked(queue& q, const smoother<T>& s, const filter_box& box, const T* from,
                     const cref& mask, T* to) {
    const auto* valid = static_cast<const std::uint8_t*>(mask.data);
    const index_t all[1] = {box.slab_count()}, kept[1] = {box.kept_count()};
    const scratch chosen(q, all[0] * index_t{sizeof(T)}), weight(q, kept[0] * index_t{sizeof(T)});
    T *const x = static_cast<T*>(chosen.data()), *const sum = static_cast<T*>(weight.data());
    parallel_for(q, all, kernel::valid_values<T>{nullptr, valid, x});
    s.run(x, sum, T(1));
    for (index_t c = 0; c < box.channels; ++c) {
      T* const mine = to + c * kept[0];
      parallel_for(q, all, kernel::valid_values<T>{from + c * all[0], valid, x});
      s.run(x, mine, T(0));
      parallel_for(q, kept, kernel::divide_by_weight<T>{sum, mine});
    }
  }

  std::vector<std::vector<double>> w_;  // centre, then one side, of each width given
  boundary rule_;
};

}  // namespace

std::unique_ptr<denoiser> make_gaussian_smoothing(const gaussian_options& o) {
  return std::make_unique<gaussian_smoothing>(o);
}

}  // namespace ir
