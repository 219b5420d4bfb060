#pragma once
#include <functional>

#include "op/linear_operator.hpp"
#include "support/setup.hpp"

namespace ir::test {

/// A linear operator as a matrix of reals, one row for each real of the range: a complex number is
/// a pair, so the adjoint is the transpose. For tests: it computes on the host, wherever its
/// vectors lie.
class dense_operator final : public linear_operator {
 public:
  dense_operator(space domain, space range, std::vector<double> matrix, traits t = {})
      : linear_operator(std::move(domain), std::move(range), t), matrix_(std::move(matrix)) {
    if (matrix_.size() != rows() * columns()) throw std::invalid_argument("dense_operator");
  }

 private:
  std::size_t rows() const { return reals_of(range()); }
  std::size_t columns() const { return reals_of(domain()); }

  void do_apply(queue& q, cvec x, vec y, mode how) const override {
    const std::vector<double> from = values(q, x);
    std::vector<double> to = start(q, y, how, rows());
    for (std::size_t r = 0; r < rows(); ++r)
      for (std::size_t c = 0; c < columns(); ++c) to[r] += matrix_[r * columns() + c] * from[c];
    assign(q, to, y);
  }
  void do_adjoint(queue& q, cvec y, vec x, mode how) const override {
    const std::vector<double> from = values(q, y);
    std::vector<double> to = start(q, x, how, columns());
    for (std::size_t r = 0; r < rows(); ++r)
      for (std::size_t c = 0; c < columns(); ++c) to[c] += matrix_[r * columns() + c] * from[r];
    assign(q, to, x);
  }
  static std::vector<double> start(queue& q, cvec v, mode how, std::size_t n) {
    return how == mode::add ? values(q, v) : std::vector<double>(n);
  }

  std::vector<double> matrix_;
};

/// Hermitian, positive, complex: (A x)[i] = 3 x[i] - j x[i-1] + j x[i+1], nothing beyond the ends.
inline op_ptr complex_band(index_t n) {
  const space in({n}, field::complex);
  const auto columns = static_cast<std::size_t>(2 * n);
  std::vector<double> m(columns * columns);
  const auto at = [&](std::size_t row, std::size_t column) -> double& {
    return m[row * columns + column];
  };
  for (std::size_t i = 0; i < columns; i += 2) {
    at(i, i) = at(i + 1, i + 1) = 3;
    if (i + 2 == columns) break;
    at(i, i + 3) = -1, at(i + 1, i + 2) = 1;  // j (a + j b) = -b + j a
    at(i + 2, i + 1) = 1, at(i + 3, i) = -1;  // -j (a + j b) = b - j a
  }
  return std::make_shared<dense_operator>(in, in, std::move(m),
                                          traits{.self_adjoint = true, .positive = true});
}

/// Ragged and mixed: an image x goes to the image of its even rows, and to the complex signal
/// x[k, 0] + j x[k, nx - 1] of its edges, and is kept with weight 1/2.
///
/// domain  (ny, nx)
/// range   ((ny + 1) / 2, nx) | (ny) complex | (ny, nx)
inline op_ptr ragged_parts(index_t ny, index_t nx) {
  const auto n = static_cast<std::size_t>(ny * nx), w = static_cast<std::size_t>(nx);
  const space domain({ny, nx});
  const space range = space({(ny + 1) / 2, nx}) | space({ny}, field::complex) | domain;
  std::vector<double> m;
  const auto add_row = [&](std::size_t column, double value) {
    m.resize(m.size() + n);
    m[m.size() - n + column] = value;
  };
  for (std::size_t row = 0; row < n / w; row += 2)
    for (std::size_t i = 0; i < w; ++i) add_row(row * w + i, 1);
  for (std::size_t row = 0; row < n / w; ++row) add_row(row * w, 1), add_row(row * w + w - 1, 1);
  for (std::size_t i = 0; i < n; ++i) add_row(i, 0.5);
  return std::make_shared<dense_operator>(domain, range, std::move(m));
}

}  // namespace ir::test
