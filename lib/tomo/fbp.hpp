#pragma once
#include <memory>

#include "core/array.hpp"
#include "core/queue.hpp"
#include "tomo/parallel_geometry.hpp"
#include "tomo/ramp_filter.hpp"

namespace ir {

/// Filtered backprojection of parallel-beam sinograms, linear interpolation:
///
///   slice(y, x) = 1 / pixel_size  sum over views of  weight(view) (h * p(view))(s(view, y, x))
///
/// with s and the weights of parallel_geometry, h of ramp_filter. A detector has zeros around it:
/// a view adds nothing where s < -1 or s > detector.
///
/// On a CPU 16 or 32 slices lie side by side: a tap's place and weights are found once for all of
/// them, and one instruction serves 16 slices (f64: half as many). Slices that do not fill a vector
/// go one by one. A backprojected slice has the same bits alone and beside others; the filter
/// transforms rows in pairs, so its rounding knows the neighbour. The number of threads changes
/// no bit. On a GPU 8 slices lie side by side (fbp_kernel.hpp). Immutable; used from many threads,
/// each with its queue.
class fbp {
 public:
  /// Everything is checked and tabulated here. usage_error: geometry or filter.
  fbp(queue&, const parallel_geometry&, const ramp_options&, precision);
  ~fbp();
  fbp(const fbp&) = delete;
  fbp& operator=(const fbp&) = delete;

  const parallel_geometry& geometry() const;

  struct run {
    index_t before, all;  // all 0: the slices of this call
  };
  /// sinograms (v, angle, u), line integrals in any unit; slices (v, y, x), overwritten, in that
  /// unit / pixel_size; both of the precision, on the device of the queue, which is that of the
  /// constructor's. Polls and tells progress ("slice"), in a run of `all` slices those after the
  /// first `before`. shape_error: extents, type or device.
  void apply(queue&, cref sinograms, ref slices, const run& = {0, 0}) const;

  /// Of the queue, taken by `apply` for so many slices.
  index_t scratch_bytes(index_t slices) const;
  /// The same before there is one, for plans: on a GPU an estimate.
  static index_t scratch_bytes(const parallel_geometry&, precision, device, index_t slices);
  /// Seconds on all threads, for plans: a fixed model, from tests/bench/fbp_bench.
  static double seconds(const parallel_geometry&, index_t slices, device, int threads);

  struct engine;

 private:
  std::unique_ptr<const engine> engine_;
};

}  // namespace ir
