#include "tomo/ramp_filter.hpp"

#include <fmt/format.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "core/array.hpp"
#include "core/error.hpp"
#include "core/queue.hpp"
#include "fft/plan.hpp"

namespace ir {
namespace {

constexpr double pi = std::numbers::pi;

double window(const ramp_options& o, double frequency) {
  const double x = frequency / o.cutoff;
  if (o.window == ramp_window::butterworth) return 1 / (1 + std::pow(x, 2 * o.order));
  if (x > 1) return 0;
  switch (o.window) {
    case ramp_window::shepp_logan:
      return x == 0 ? 1 : std::sin(pi * x / 2) / (pi * x / 2);
    case ramp_window::cosine:
      return std::cos(pi * x / 2);
    case ramp_window::hamming:
      return 0.54 + 0.46 * std::cos(pi * x);
    case ramp_window::hann:
      return 0.5 + 0.5 * std::cos(pi * x);
    default:
      return 1;
  }
}

// The spectrum of the band-limited ramp.
std::vector<std::complex<double>> ramp_spectrum(index_t length) {
  std::vector<double> h(static_cast<std::size_t>(length));
  h[0] = 0.25;
  for (index_t n = 1; n <= length / 2; n += 2) {
    const double value = -1 / (pi * pi * static_cast<double>(n) * static_cast<double>(n));
    h[static_cast<std::size_t>(n)] = h[static_cast<std::size_t>(length - n)] = value;
  }
  std::vector<std::complex<double>> spectrum(static_cast<std::size_t>(length / 2 + 1));
  queue q;
  fft_plan::get(contiguous_fft(fft_kind::r2c, precision::f64, shape{length}), device{})
      ->run(q, cref(h.data(), dtype::f64, shape{length}),
            ref(spectrum.data(), dtype::c128, shape{length / 2 + 1}));
  return spectrum;
}

}  // namespace

index_t ramp_length(index_t detector) { return fast_length(2 * detector, device{}); }

std::vector<double> ramp_response(const ramp_options& o, index_t length) {
  if (!(o.cutoff > 0 && o.cutoff <= 0.5))
    throw usage_error(
        fmt::format("a cut-off of {} cycles per pixel: it is above 0 and at most 0.5", o.cutoff));
  if (!(o.order > 0 && std::isfinite(o.order)))
    throw usage_error(fmt::format("a Butterworth window of order {}: it is above 0", o.order));
  std::vector<double> response(static_cast<std::size_t>(length / 2 + 1), 1.0);
  if (o.window == ramp_window::none) return response;
  const auto spectrum = ramp_spectrum(length);
  for (std::size_t k = 0; k < response.size(); ++k)
    response[k] =
        spectrum[k].real() * window(o, static_cast<double>(k) / static_cast<double>(length));
  return response;
}

}  // namespace ir
