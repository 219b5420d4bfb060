#include "fn/singular.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ir {
namespace {

double dot(const double* x, const double* y, index_t n) {
  double sum = 0;
  for (index_t i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

void rotate(double* x, double* y, index_t n, double c, double s) {
  for (index_t i = 0; i < n; ++i) {
    const double a = x[i], b = y[i];
    x[i] = c * a - s * b;
    y[i] = s * a + c * b;
  }
}

}  // namespace

jacobi_svd::jacobi_svd(const double* matrix, index_t rows, index_t columns)
    : long_(std::max(rows, columns)),
      short_(std::min(rows, columns)),
      turned_(rows < columns),
      a_(static_cast<std::size_t>(rows * columns)),
      v_(static_cast<std::size_t>(short_ * short_)) {
  double* const a = a_.data();
  double* const v = v_.data();
  for (index_t r = 0; r < rows; ++r)
    for (index_t c = 0; c < columns; ++c)
      a[turned_ ? r * long_ + c : c * long_ + r] = matrix[r * columns + c];
  for (index_t i = 0; i < short_; ++i) v[i * short_ + i] = 1;

  // Columns are turned against each other until all are orthogonal.
  constexpr int most_sweeps = 60;  // it converges quadratically; NaN never does
  bool turning = true;
  for (int sweep = 0; turning && sweep < most_sweeps; ++sweep) {
    turning = false;
    for (index_t i = 0; i + 1 < short_; ++i)
      for (index_t j = i + 1; j < short_; ++j) {
        double *x = a + i * long_, *y = a + j * long_;
        const double xx = dot(x, x, long_), yy = dot(y, y, long_), xy = dot(x, y, long_);
        if (!(std::abs(xy) > 8 * std::numeric_limits<double>::epsilon() * std::sqrt(xx * yy)))
          continue;
        turning = true;
        const double zeta = (yy - xx) / (2 * xy);
        const double t = std::copysign(1, zeta) / (std::abs(zeta) + std::hypot(1, zeta));
        const double c = 1 / std::hypot(1, t), s = c * t;
        rotate(x, y, long_, c, s);
        rotate(v + i * short_, v + j * short_, short_, c, s);
      }
  }
  for (index_t i = 0; i < short_; ++i)
    sigma_.push_back(std::sqrt(dot(a + i * long_, a + i * long_, long_)));
}

void jacobi_svd::compose(const std::vector<double>& replaced, double* matrix) const {
  std::fill_n(matrix, long_ * short_, 0.0);
  for (index_t k = 0; k < short_; ++k) {
    const auto at = static_cast<std::size_t>(k);
    if (sigma_[at] == 0) continue;  // and so is its column
    const double factor = replaced[at] / sigma_[at];
    const double* const u = a_.data() + k * long_;
    const double* const v = v_.data() + k * short_;
    for (index_t l = 0; l < long_; ++l)
      for (index_t s = 0; s < short_; ++s)
        matrix[turned_ ? s * long_ + l : l * short_ + s] += factor * u[l] * v[s];
  }
}

}  // namespace ir
