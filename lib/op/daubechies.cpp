#include "op/daubechies.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <complex>

#include "core/error.hpp"

namespace ir {
namespace {

using number = std::complex<long double>;

number value_at(const std::vector<number>& c, number x) {
  number sum = 0;
  for (std::size_t i = c.size(); i-- > 0;) sum = sum * x + c[i];
  return sum;
}

// All roots of sum c[k] x^k, c.back() != 0, by Weierstrass' simultaneous iteration.
std::vector<number> roots_of(const std::vector<number>& c) {
  const std::size_t degree = c.size() - 1;
  std::vector<number> x;
  for (std::size_t i = 0; i < degree; ++i)
    x.push_back(std::pow(number(0.4L, 0.9L), static_cast<int>(i)));
  for (int round = 0; round < 500; ++round) {
    long double change = 0;
    for (std::size_t i = 0; i < degree; ++i) {
      number others = c.back();
      for (std::size_t j = 0; j < degree; ++j)
        if (j != i) others *= x[i] - x[j];
      const number step = value_at(c, x[i]) / others;
      x[i] -= step;
      change = std::max(change, std::abs(step));
    }
    if (change < 1e-19L) break;
  }
  return x;
}

// c *= (x - root)
void multiply(std::vector<number>& c, number root) {
  c.insert(c.begin(), 0);
  for (std::size_t i = 0; i + 1 < c.size(); ++i) c[i] -= root * c[i + 1];
}

}  // namespace

std::vector<double> daubechies(int p) {
  if (p < 1 || p > 10)
    throw usage_error(fmt::format("a Daubechies wavelet with {} vanishing moments: 1 to 10", p));
  // |H|^2 = cos^2p P(sin^2), P(y) = sum_k binomial(p - 1 + k, k) y^k
  std::vector<number> half_band{1};
  for (int k = 1; k < p; ++k)
    half_band.push_back(half_band.back() * static_cast<long double>(p - 1 + k) /
                        static_cast<long double>(k));
  std::vector<number> h{1};
  for (int k = 0; k < p; ++k) multiply(h, -1);
  for (const number y : roots_of(half_band)) {
    const number b = 1.0L - 2.0L * y, root = std::sqrt(b * b - 1.0L);  // z + 1/z = 2 - 4 y
    multiply(h, std::abs(b + root) < 1 ? b + root : b - root);
  }
  long double sum = 0;
  for (const number v : h) sum += v.real();
  std::vector<double> low;
  for (std::size_t i = h.size(); i-- > 0;)
    low.push_back(static_cast<double>(h[i].real() * std::sqrt(2.0L) / sum));
  return low;
}

std::vector<double> wavelet_named(const std::string& name) {
  if (name == "haar") return daubechies(1);
  int p = 0;
  const char* end = name.data() + name.size();
  if (name.starts_with("db") && name.size() > 2) {
    const auto [stop, failed] = std::from_chars(name.data() + 2, end, p);
    if (failed == std::errc() && stop == end && p >= 1 && p <= 10) return daubechies(p);
  }
  throw usage_error(fmt::format("no wavelet '{}': it is haar or db1 to db10", name));
}

std::vector<double> mirror_filter(const std::vector<double>& low) {
  std::vector<double> high(low.rbegin(), low.rend());
  for (std::size_t m = 1; m < high.size(); m += 2) high[m] = -high[m];
  return high;
}

}  // namespace ir
