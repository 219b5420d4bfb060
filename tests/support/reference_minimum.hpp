#pragma once
#include <cmath>
#include <functional>
#include <stdexcept>
#include <vector>

namespace ir::test {

/// h(K x) with K a dense matrix of `rows` rows, C order; `prox(v, t)` makes v prox_{t h}(v).
struct dense_term {
  std::size_t rows;
  std::vector<double> K;
  std::function<void(std::vector<double>& v, double t)> prox;
};

/// Solves L L^T x = b in place, L from `cholesky`.
inline std::vector<double> cholesky(std::vector<double> M, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k)
      for (std::size_t i = j; i < n; ++i) M[i * n + j] -= M[i * n + k] * M[j * n + k];
    if (!(M[j * n + j] > 0)) throw std::invalid_argument("reference: not positive definite");
    const double root = std::sqrt(M[j * n + j]);
    for (std::size_t i = j; i < n; ++i) M[i * n + j] /= root;
  }
  return M;
}
inline void solve_with(const std::vector<double>& L, std::size_t n, std::vector<double>& b) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= L[i * n + k] * b[k];
    b[i] /= L[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= L[k * n + i] * b[k];
    b[i] /= L[i * n + i];
  }
}

/// argmin_x sum_j h_j(K_j x) in f64, by the simplest splitting with an exact inner solution: all
/// terms behind their matrix, z_j = K_j x, Gauss-Seidel with a dense factorisation. Shares no code
/// with the library.
inline std::vector<double> reference_minimum(std::size_t n, const std::vector<dense_term>& terms,
                                             double rho = 1, int iterations = 30000) {
  std::vector<double> M(n * n);
  for (const dense_term& t : terms)
    for (std::size_t r = 0; r < t.rows; ++r)
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) M[i * n + j] += t.K[r * n + i] * t.K[r * n + j];
  const std::vector<double> L = cholesky(M, n);
  std::vector<std::vector<double>> z, u;
  for (const dense_term& t : terms) z.emplace_back(t.rows), u.emplace_back(t.rows);
  std::vector<double> x(n), moved;
  for (int k = 0; k < iterations; ++k) {
    std::fill(x.begin(), x.end(), 0.0);
    for (std::size_t j = 0; j < terms.size(); ++j)
      for (std::size_t r = 0; r < terms[j].rows; ++r)
        for (std::size_t i = 0; i < n; ++i) x[i] += terms[j].K[r * n + i] * (z[j][r] - u[j][r]);
    solve_with(L, n, x);
    for (std::size_t j = 0; j < terms.size(); ++j) {
      moved = u[j];
      for (std::size_t r = 0; r < terms[j].rows; ++r)
        for (std::size_t i = 0; i < n; ++i) moved[r] += terms[j].K[r * n + i] * x[i];
      z[j] = moved;
      terms[j].prox(z[j], 1 / rho);
      for (std::size_t r = 0; r < terms[j].rows; ++r) u[j][r] = moved[r] - z[j][r];
    }
  }
  return x;
}

}  // namespace ir::test
