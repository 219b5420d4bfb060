#include "op/tridiagonal.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ir {
namespace {

// Eigenvalues of T below x, by Sturm's sequence.
index_t count_below(const tridiagonal& t, double x) {
  index_t count = 0;
  double d = 1;
  for (std::size_t i = 0; i < t.diagonal.size(); ++i) {
    const double b = i == 0 ? 0 : t.beside[i - 1];
    d = t.diagonal[i] - x - (i == 0 ? 0 : b * b / d);
    if (d == 0) d = 1e-300;
    if (d < 0) ++count;
  }
  return count;
}

double row_sum_bound(const tridiagonal& t) {
  double most = 0;
  for (std::size_t i = 0; i < t.diagonal.size(); ++i) {
    const double left = i == 0 ? 0 : t.beside[i - 1];
    const double right = i + 1 == t.diagonal.size() ? 0 : t.beside[i];
    most = std::max(most, std::abs(t.diagonal[i]) + std::abs(left) + std::abs(right));
  }
  return most;
}

// Whether one of p_j(x)^2 reaches `enough`.
bool reaches(const tridiagonal& t, double x, double enough) {
  double before = 0, p = 1;
  for (std::size_t i = 0; i < t.diagonal.size(); ++i) {
    const double b = i == 0 ? 0 : t.beside[i - 1];
    if (t.beside[i] == 0) return true;  // the Krylov space is complete: M has no eigenvalue at x
    const double next = ((x - t.diagonal[i]) * p - b * before) / t.beside[i];
    before = p;
    p = next;
    if (!(p * p < enough)) return true;
  }
  return false;
}

}  // namespace

double largest_eigenvalue(const tridiagonal& t) {
  double low = 0, high = row_sum_bound(t);
  for (const double d : t.diagonal) low = std::max(low, d);
  for (int i = 0; i < 100 && high - low > 1e-15 * high; ++i) {
    const double middle = low + (high - low) / 2;
    (count_below(t, middle) < t.size() ? low : high) = middle;
  }
  return low;
}

std::vector<double> eigenvector(const tridiagonal& t, double eigenvalue) {
  const std::size_t n = t.diagonal.size();
  std::vector<double> x(n, 1.0), upper(n), below(n);
  const double shift = eigenvalue * (1 + 1e-14) + 1e-300;  // above the spectrum: no pivoting needed
  for (int round = 0; round < 3; ++round) {
    double d = 1;
    for (std::size_t i = 0; i < n; ++i) {  // (T - shift) x = x by elimination
      const double b = i == 0 ? 0 : t.beside[i - 1];
      d = t.diagonal[i] - shift - (i == 0 ? 0 : b * b / below[i - 1]);
      if (d == 0) d = -1e-300;
      below[i] = d;
      if (i > 0) x[i] -= b / below[i - 1] * x[i - 1];
    }
    for (std::size_t i = n; i-- > 0;)
      x[i] = (x[i] - (i + 1 < n ? t.beside[i] * x[i + 1] : 0)) / below[i];
    double square = 0;
    for (const double v : x) square += v * v;
    for (double& v : x) v /= std::sqrt(square);
  }
  return x;
}

double largest_eigenvalue_bound(const tridiagonal& t, double share) {
  const double ritz = largest_eigenvalue(t), enough = 1 / share;
  if (reaches(t, ritz, enough)) return ritz;
  double low = ritz, high = 2 * ritz;
  while (!reaches(t, high, enough)) {
    low = high;
    high *= 2;
    if (!std::isfinite(high)) return high;
  }
  for (int i = 0; i < 60 && high - low > 1e-12 * high; ++i) {
    const double middle = low + (high - low) / 2;
    (reaches(t, middle, enough) ? high : low) = middle;
  }
  return high;
}

double random_share(index_t n, double failure) {
  return failure * failure * std::numbers::pi / (2 * static_cast<double>(n));
}

}  // namespace ir
