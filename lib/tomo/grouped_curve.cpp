#include "tomo/grouped_curve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace ir {
namespace {

constexpr index_t around = 2;  // samples on each side of the least one

std::vector<double> sum_of(const grouped_curve& c) {
  std::vector<double> sum(static_cast<std::size_t>(c.samples), 0.0);
  for (std::size_t i = 0; i < c.cost.size(); ++i)
    sum[i % static_cast<std::size_t>(c.samples)] += c.cost[i];
  return sum;
}

// Of y = a t^2 + b t + c at t = -2 .. 2: sums of t^2 and t^4 are 10 and 34.
double vertex(std::span<const double> y) {
  const double b = (2 * (y[4] - y[0]) + y[3] - y[1]) / 10;
  const double a = (2 * (y[0] + y[4]) - y[1] - y[3] - 2 * y[2]) / 14;
  if (!(a > 0)) return 0;
  return std::clamp(-b / (2 * a), -1.0, 1.0);
}

}  // namespace

index_t grouped_curve::least() const {
  const std::vector<double> sum = sum_of(*this);
  return std::min_element(sum.begin(), sum.end()) - sum.begin();
}

std::optional<curve_minimum> grouped_curve::minimum() const {
  const std::vector<double> sum = sum_of(*this);
  const index_t k = std::min_element(sum.begin(), sum.end()) - sum.begin();
  if (k < around || k + around >= samples) return {};
  const auto near = std::span(sum).subspan(static_cast<std::size_t>(k - around), 2 * around + 1);
  const auto place = [&](double t) { return first + step * (static_cast<double>(k) + t); };

  std::vector<double> without;
  double mean = 0;
  for (index_t g = 0; g < groups(); ++g) {
    std::vector<double> rest(near.begin(), near.end());
    for (std::size_t i = 0; i < rest.size(); ++i)
      rest[i] -= cost[static_cast<std::size_t>(g * samples + k - around) + i];
    without.push_back(place(vertex(rest)));
    mean += without.back() / static_cast<double>(groups());
  }
  double squares = 0;
  for (const double x : without) squares += (x - mean) * (x - mean);
  const auto n = static_cast<double>(groups());
  return curve_minimum{place(vertex(near)), groups() < 2 ? std::numeric_limits<double>::infinity()
                                                         : std::sqrt((n - 1) / n * squares)};
}

}  // namespace ir
