#pragma once
#include <memory>
#include <optional>

#include "core/array.hpp"
#include "core/queue.hpp"

namespace ir {

/// What is denoised at once: an image or volume with its channels, or a slab of it.
struct noisy_image {
  /// (c, z, y, x), (c, y, x) or (c, x): channels, then 1 to 3 spatial axes; of the type that
  /// `denoiser::works_in` names.
  cref data;
  /// Standard deviation of the noise, in the unit of the data; with a map its root mean square.
  double sigma = 0;
  /// (z, y, x), like one channel, in the real type of the work: the standard deviation of each
  /// pixel, > 0 where the pixel is valid.
  std::optional<cref> sigma_map;
  /// (z, y, x), u8: 0 where a pixel is no data. Its value is finite and has no influence; its
  /// result is made from the others.
  std::optional<cref> valid;

  index_t channels() const { return data.extents[0]; }
  int spatial() const { return data.extents.rank() - 1; }
};

/// Planes [first, last) of the slowest spatial axis.
struct plane_range {
  index_t first = 0, last = 0;
  friend bool operator==(const plane_range&, const plane_range&) = default;
};

/// One image on its way through a denoiser: slabs in order, which together keep every plane once.
class denoising {
 public:
  virtual ~denoising() = default;
  /// Writes the result of planes `keep` of the slab to `out`, (c, keep, y, x) in the data's type on
  /// the queue's device. The slab's other planes are its halo; a side without halo is a border of
  /// the image. shape_error: extents or types do not fit; numeric_error: diverged.
  void slab(queue&, const noisy_image&, plane_range keep, ref out);
  /// After the last slab: tells what the method learned as facts of the queue ("gap", ...).
  void finish(queue& q) { do_finish(q); }

 private:
  virtual void do_slab(queue&, const noisy_image&, plane_range keep, ref out) = 0;
  virtual void do_finish(queue&) {}
};

/// A method that removes noise from images. Immutable; used from many threads, each with its queue.
class denoiser {
 public:
  /// Element k of a result depends on elements k - radius to k + radius along every spatial axis:
  /// on no others (exact), or on others so little that slabs keep the method's own tolerance.
  struct halo {
    index_t radius = 0;
    bool exact = true;
  };

  virtual ~denoiser() = default;
  halo reach() const { return do_reach(); }
  /// The type in which data of type `stored` must come and results are made: f32 or f64, or an
  /// integer type that the method works on as it is.
  dtype works_in(dtype stored, precision) const;
  /// Whether the method has a version for this kind of device; where not, slabs are refused with a
  /// device_error.
  bool runs_on(device d) const { return do_runs_on(d); }
  /// Whether a channel of the result depends on the same channel of the image alone.
  bool channels_alone() const { return do_channels_alone(); }
  /// What one slab of these extents takes besides its input and output.
  index_t scratch_bytes(const shape& slab, dtype work, device d) const {
    return do_scratch(slab, work, d);
  }
  /// Seconds on all threads, for plans: a fixed model, from tests/bench.
  double seconds(const shape& image, device d, int threads, dtype work = dtype::f32) const {
    return do_seconds_in(work, image, d, threads);
  }

  std::unique_ptr<denoising> begin() const { return do_begin(); }
  /// A whole image at once.
  void apply(queue&, const noisy_image&, ref out) const;

 private:
  virtual halo do_reach() const = 0;
  virtual bool do_takes(dtype) const { return false; }
  virtual bool do_runs_on(device) const { return true; }
  virtual bool do_channels_alone() const { return false; }
  virtual index_t do_scratch(const shape& slab, dtype work, device) const = 0;
  virtual double do_seconds(const shape& image, device, int threads) const = 0;
  /// For methods whose time depends on the type.
  virtual double do_seconds_in(dtype, const shape& image, device d, int threads) const {
    return do_seconds(image, d, threads);
  }
  virtual std::unique_ptr<denoising> do_begin() const = 0;
};

/// For methods without memory of earlier slabs: `f(queue&, const noisy_image&, plane_range, ref)`.
template <class F>
std::unique_ptr<denoising> denoising_by(F f) {
  struct each final : denoising {
    explicit each(F g) : f_(std::move(g)) {}
    void do_slab(queue& q, const noisy_image& in, plane_range keep, ref out) override {
      f_(q, in, keep, out);
    }
    F f_;
  };
  return std::make_unique<each>(std::move(f));
}

}  // namespace ir
