#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/shape.hpp"

namespace ir {

/// Sums over pixels of x and the reference r, of which every metric follows. Kept in f64 and added
/// in blocks that depend on the number of pixels alone: the same bits for any number of threads.
struct metric_sums {
  index_t count = 0;
  index_t bad_x = 0, bad_r = 0;  // NaN or infinite
  index_t negative = 0;          // pixels where x or r is below 0: no I-divergence
  double x = 0, r = 0, xx = 0, xr = 0, rr = 0;
  double error = 0, squared = 0, absolute = 0, largest = 0;  // of d = factor x - r
  double divergence = 0;                                     // r ln(r / factor x) + factor x - r
  double low = 0, high = 0;                                  // of r; only where count > 0

  void add(const metric_sums&);
};

/// Of corresponding pixels, x multiplied by `factor` first. Where a value is NaN or infinite only
/// bad_x and bad_r are of use.
metric_sums sums_of(std::span<const double> x, std::span<const double> r, double factor);

enum class metric_scale : std::uint8_t { none, sum, least_squares };
/// The factor for x: 1, sum r / sum x, or <x, r> / <x, x> (which minimises |factor x - r|).
/// data_error: x sums to 0, or is 0.
double factor_of(const metric_sums&, metric_scale);

/// The range of values that PSNR refers to, and where it comes from.
struct metric_peak {
  double value;
  std::string from;  // "--peak", "nominal range of the reference", "max - min of the reference"
};

/// One value; absent where it is not defined. May be infinite (PSNR of equal images, I-divergence
/// where the model says 0 and the reference does not).
using metric_value = std::optional<double>;

struct metric_entry {
  std::string_view name, unit, meaning;  // "psnr", "dB", "20 log10(peak / rmse)"
  metric_value (*of)(const metric_sums&, const metric_peak&);
};

/// psnr rmse nrmse mae max bias idiv, with d = factor x - r over n pixels:
///
///   psnr   20 log10(peak / rmse)    nothing is clipped; undefined for peak 0
///   rmse   sqrt(sum d^2 / n)
///   nrmse  |d| / |r|                Euclidean norms; undefined for r = 0
///   mae    sum |d| / n
///   max    max |d|
///   bias   sum d / n
///   idiv   sum (r ln(r / x) + x - r) / n, x scaled, 0 ln 0 = 0: infinite where x = 0 < r,
///   undefined
///          where one is negative (I. Csiszar, Ann. Statist. 19 (1991) 2032-2066)
std::span<const metric_entry> metrics();
/// usage_error: no such metric.
const metric_entry& metric_named(std::string_view);

}  // namespace ir
