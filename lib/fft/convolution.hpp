#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "core/array.hpp"
#include "core/queue.hpp"
#include "core/space.hpp"
#include "fft/extension_kernel.hpp"

namespace ir {

std::string_view name_of(boundary);  // "circular", "zero", "reflect", "edge"

/// Whether a PSF is divided by its sum.
enum class psf_sum : std::uint8_t { one, keep };

/// Sizes of an FFT convolution, known before anything is allocated. One and two-dimensional data
/// are (1, 1, nx) and (ny, 1, nx).
struct convolution_geometry {
  shape extents, psf;           // of the data and of the PSF: rank 1 to 3
  line_extension z, y, x;       // z, y, x of the data on the FFT's grid
  index_t centre[3], reach[3];  // of the PSF on z, y, x: its centre floor(n/2), its extent

  index_t grid_count() const { return z.length * y.length * x.length; }
  /// The padded extents, of the data's rank: "96x288x288".
  shape grid() const;
  index_t table_bytes(precision, device) const;    // the transfer function
  index_t scratch_bytes(precision, device) const;  // of one call; cuFFT's work area estimated
  /// Seconds that one application takes on this device, by a fixed model (tests/bench/rl_bench).
  double seconds(precision, device, int threads) const;
};

/// What the grid is for: `filter` pads by no more than a PSF reaches, `invert` extends the data
/// over all of a grid that has this room, because an inverse filter reaches everywhere (circular:
/// no padding at all).
enum class grid_use : std::uint8_t { filter, invert };

/// shape_error naming both shapes: ranks differ, above 3 or 0; an extent of 0.
convolution_geometry plan_convolution(const shape& extents, const shape& psf, boundary, grid_use,
                                      device);

/// For a slab of data that goes on beyond both ends of its slowest axis: no boundary there, and
/// what the PSF reaches from the ends is not to be used.
convolution_geometry plan_slab_convolution(const shape& extents, const shape& psf, boundary,
                                           device);

/// Values of one line (along x) of the data on their way through a transform, changed in place by
/// any thread: `line` counts lines in C order, `values` are nx numbers of the precision.
struct line_work {
  const void* self;
  void (*run)(const void* self, index_t line, void* values) noexcept;
};
template <class F>
line_work lines_of(const F& f) {
  static_assert(noexcept(f(index_t{}, static_cast<void*>(nullptr))));
  return {&f, [](const void* self, index_t line, void* values) noexcept {
            (*static_cast<const F*>(self))(line, values);
          }};
}

/// What the transfer function becomes before it is used.
///   nothing   H
///   wiener    conj(H) / (|H|^2 + balance |L|^2), L(k) = sum over axes of 2 - 2 cos(2 pi k_a /
///   n_a),
///             the transfer function of the discrete Laplacian; 0 where the denominator is 0
struct response {
  std::optional<double> wiener_balance;
};

/// Convolution of an array with a fixed PSF through FFTs:
///
///   (H x)[i] = sum_j h[j] x[i - j + c],  c = floor(size of h / 2) on each axis,
///
/// where x beyond its edges is what the boundary says. The adjoint is exact: the extension is
/// transposed as well. Immutable; any number of threads, each with its queue.
///
/// On a CPU the transforms skip what is padding: along x only lines of the data are transformed,
/// along y only planes of the data, the extension being made on the way in (it is separable) and
/// cropped or folded on the way out; along z a column is transformed, filtered and transformed back
/// in the cache. So the spectrum in memory has the data's extent along z, and it is read and
/// written three times.
class convolution {
 public:
  /// The best engine of the device, or the plain one: transforms of the whole grid. Both are tested
  /// to agree.
  enum class engine : std::uint8_t { best, plain };

  /// `psf` lies on the host, any real type. data_error: NaN or infinite values; a sum <= 0 that is
  /// to become 1.
  static std::shared_ptr<const convolution> make(queue&, const convolution_geometry&, precision,
                                                 cref psf, psf_sum, const response& = {},
                                                 engine = engine::best);
  virtual ~convolution() = default;
  convolution(const convolution&) = delete;
  convolution& operator=(const convolution&) = delete;

  const convolution_geometry& geometry() const { return geometry_; }
  precision type() const { return type_; }
  /// Sum of the PSF as it is applied: 1 unless it was kept.
  double psf_total() const { return psf_total_; }
  virtual index_t scratch_bytes() const = 0;

  /// y = H x, y += H x; x = H' y, x += H' y. Extents geometry().extents, on the device, of the
  /// precision; x and y may be the same. shape_error, usage_error.
  void apply(queue&, cref x, ref y, mode = mode::set) const;
  void adjoint(queue&, cref y, ref x, mode = mode::set) const;

  /// Whether `through` is there: on a CPU with the best engine.
  virtual bool has_lines() const { return false; }
  /// H'(between(H x)), both ends and the middle fused with the transforms: `load` fills a line of
  /// x, `between` makes a line of H x into one of what H' is applied to, `store` takes a line of
  /// the result. A line is loaded before it is stored. Polls the queue. usage_error: !has_lines().
  void through(queue&, line_work load, line_work between, line_work store) const;

 protected:
  convolution(const convolution_geometry& g, precision p, device where, double psf_total)
      : geometry_(g), type_(p), where_(where), psf_total_(psf_total) {}

 private:
  void check(cref from, cref to) const;
  virtual void do_apply(queue&, cref x, ref y, mode) const = 0;
  virtual void do_adjoint(queue&, cref y, ref x, mode) const = 0;
  virtual void do_through(queue&, line_work load, line_work between, line_work store) const;

  convolution_geometry geometry_;
  precision type_;
  device where_;
  double psf_total_;
};

}  // namespace ir
