#pragma once
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "op/linear_operator.hpp"
#include "support/setup.hpp"

namespace ir::test {

/// The operator as a matrix of reals, column after column: what it makes of each unit vector, in
/// f64 from vectors of its precision. A complex number is a pair of reals.
inline std::vector<std::vector<double>> columns_of(setup& s, const linear_operator& A) {
  const std::size_t n = reals_of(A.domain());
  std::vector<std::vector<double>> columns;
  owned_vec y(s.q, A.range(), s.type);
  for (std::size_t c = 0; c < n; ++c) {
    std::vector<double> unit(n);
    unit[c] = 1;
    const owned_vec e = vec_of(s, A.domain(), unit);
    A.apply(s.q, e, y);
    columns.push_back(values(s.q, y));
  }
  return columns;
}

/// All singular values, largest first, by one-sided Jacobi rotations (Hestenes 1958).
inline std::vector<double> singular_values(std::vector<std::vector<double>> columns) {
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  bool rotated = true;
  for (int sweep = 0; rotated && sweep < 60; ++sweep) {
    rotated = false;
    for (std::size_t i = 0; i < columns.size(); ++i)
      for (std::size_t j = i + 1; j < columns.size(); ++j) {
        auto &a = columns[i], &b = columns[j];
        const double aa = dot(a, a), bb = dot(b, b), ab = dot(a, b);
        if (std::abs(ab) <= 1e-15 * std::sqrt(aa * bb)) continue;
        rotated = true;
        const double zeta = (bb - aa) / (2 * ab);
        const double t = (zeta < 0 ? -1 : 1) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
        const double c = 1 / std::sqrt(1 + t * t), sine = c * t;
        for (std::size_t k = 0; k < a.size(); ++k) {
          const double u = a[k], v = b[k];
          a[k] = c * u - sine * v;
          b[k] = sine * u + c * v;
        }
      }
  }
  std::vector<double> all;
  for (const auto& c : columns) all.push_back(std::sqrt(dot(c, c)));
  std::sort(all.rbegin(), all.rend());
  return all;
}

/// ||A|| from the dense matrix.
inline double true_norm(setup& s, const linear_operator& A) {
  return singular_values(columns_of(s, A)).front();
}

/// Asserts that the norm's bounds, where known, hold: never below the truth.
inline void check_norm_bounds(setup& s, const linear_operator& A) {
  const auto b = A.norm();
  if (!b) return;
  const double truth = true_norm(s, A), slack = 64 * epsilon(s.type) * truth;
  BOOST_TEST(b->upper >= truth - slack, b->how << ": upper " << b->upper << " below " << truth);
  BOOST_TEST(b->lower <= truth + slack, b->how << ": lower " << b->lower << " above " << truth);
}

}  // namespace ir::test
