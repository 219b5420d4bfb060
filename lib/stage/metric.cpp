#include "stage/metric.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "core/parallel.hpp"

namespace ir {
namespace {

constexpr index_t block = 1 << 13;  // pixels summed in a row

double divergence(double r, double x) noexcept {
  if (r == 0) return x;
  if (x == 0) return std::numeric_limits<double>::infinity();
  return r * std::log(r / x) + x - r;
}

metric_sums sums_of_block(const double* x, const double* r, index_t n, double factor) noexcept {
  metric_sums s;
  s.count = n;
  s.low = s.high = r[0];
  for (index_t i = 0; i < n; ++i) {
    s.bad_x += !std::isfinite(x[i]);
    s.bad_r += !std::isfinite(r[i]);
    s.x += x[i];
    s.r += r[i];
    s.xx += x[i] * x[i];
    s.xr += x[i] * r[i];
    s.rr += r[i] * r[i];
    const double scaled = factor * x[i], d = scaled - r[i];
    s.error += d;
    s.squared += d * d;
    s.absolute += std::abs(d);
    s.largest = std::max(s.largest, std::abs(d));
    s.low = std::min(s.low, r[i]);
    s.high = std::max(s.high, r[i]);
    if (scaled < 0 || r[i] < 0)
      ++s.negative;
    else
      s.divergence += divergence(r[i], scaled);
  }
  return s;
}

double mean(double sum, const metric_sums& s) { return sum / static_cast<double>(s.count); }
double rmse(const metric_sums& s) { return std::sqrt(mean(s.squared, s)); }

constexpr metric_entry entries[] = {
    {"psnr", "dB", "20 log10(peak / rmse)",
     [](const metric_sums& s, const metric_peak& peak) -> metric_value {
       if (!(peak.value > 0)) return {};
       return 20 * std::log10(peak.value / rmse(s));
     }},
    {"rmse", "", "root of the mean squared error",
     [](const metric_sums& s, const metric_peak&) -> metric_value { return rmse(s); }},
    {"nrmse", "", "|error| / |reference|, Euclidean norms",
     [](const metric_sums& s, const metric_peak&) -> metric_value {
       if (s.rr == 0) return {};
       return std::sqrt(s.squared / s.rr);
     }},
    {"mae", "", "mean absolute error",
     [](const metric_sums& s, const metric_peak&) -> metric_value { return mean(s.absolute, s); }},
    {"max", "", "largest absolute error",
     [](const metric_sums& s, const metric_peak&) -> metric_value { return s.largest; }},
    {"bias", "", "mean error",
     [](const metric_sums& s, const metric_peak&) -> metric_value { return mean(s.error, s); }},
    {"idiv", "", "I-divergence of the reference from the input, mean over pixels",
     [](const metric_sums& s, const metric_peak&) -> metric_value {
       if (s.negative > 0) return {};
       return mean(s.divergence, s);
     }},
};

}  // namespace

void metric_sums::add(const metric_sums& o) {
  low = count == 0 ? o.low : o.count == 0 ? low : std::min(low, o.low);
  high = count == 0 ? o.high : o.count == 0 ? high : std::max(high, o.high);
  count += o.count;
  bad_x += o.bad_x;
  bad_r += o.bad_r;
  negative += o.negative;
  x += o.x;
  r += o.r;
  xx += o.xx;
  xr += o.xr;
  rr += o.rr;
  error += o.error;
  squared += o.squared;
  absolute += o.absolute;
  largest = std::max(largest, o.largest);
  divergence += o.divergence;
}

metric_sums sums_of(std::span<const double> x, std::span<const double> r, double factor) {
  const auto n = static_cast<index_t>(x.size());
  if (x.size() != r.size()) throw bug_error("sums of images of different size");
  std::vector<metric_sums> of_block(static_cast<std::size_t>((n + block - 1) / block));
  run_blocks(n, block, [&](index_t begin, index_t end) noexcept {
    of_block[static_cast<std::size_t>(begin / block)] =
        sums_of_block(x.data() + begin, r.data() + begin, end - begin, factor);
  });
  metric_sums all;
  for (const metric_sums& s : of_block) all.add(s);
  return all;
}

double factor_of(const metric_sums& s, metric_scale how) {
  if (how == metric_scale::none) return 1;
  const double below = how == metric_scale::sum ? s.x : s.xx;
  if (below == 0)
    throw data_error(how == metric_scale::sum ? "--scale sum: the input sums to 0"
                                              : "--scale least-squares: the input is 0");
  return (how == metric_scale::sum ? s.r : s.xr) / below;
}

std::span<const metric_entry> metrics() { return entries; }

const metric_entry& metric_named(std::string_view name) {
  const auto* const at = std::ranges::find(entries, name, &metric_entry::name);
  if (at == std::end(entries)) throw usage_error("no metric '" + std::string(name) + "'");
  return *at;
}

}  // namespace ir
