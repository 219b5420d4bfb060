#include "op/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "op/matrix_kernel.hpp"

namespace ir {
namespace {

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

// Sums over rows and columns, from entry(row, column, value) for each entry.
class entry_sums {
 public:
  entry_sums(index_t rows, index_t columns)
      : row_(at(rows)), column_(at(columns)), row_square_(at(rows)), column_square_(at(columns)) {}
  void add(index_t r, index_t c, double v) {
    row_[at(r)] += std::abs(v);
    column_[at(c)] += std::abs(v);
    row_square_[at(r)] += v * v;
    column_square_[at(c)] += v * v;
    all_ += v * v;
  }
  bound norm() const {
    const double schur = std::sqrt(std::ranges::max(row_) * std::ranges::max(column_));
    const double frobenius = std::sqrt(all_);
    const double longest =
        std::sqrt(std::max(std::ranges::max(row_square_), std::ranges::max(column_square_)));
    const double margin = 1e-12;
    return {longest * (1 - margin), std::min(schur, frobenius) * (1 + margin),
            schur < frobenius ? "row and column sums" : "root of the sum of squares"};
  }

 private:
  std::vector<double> row_, column_, row_square_, column_square_;
  double all_ = 0;
};

bound norm_of_dense(const loaded_array& m) {
  entry_sums sums(m.extents[0], m.extents[1]);
  for (index_t i = 0; i < m.extents.count(); ++i) {
    const double v = m.values[at(i)];
    if (!std::isfinite(v))
      throw data_error(fmt::format("the matrix {} has NaN or infinite values", m.described()));
    sums.add(i / m.extents[1], i % m.extents[1], v);
  }
  return sums.norm();
}

bound norm_of_sparse(const axis_matrix& m) {
  entry_sums sums(m.rows, m.columns);
  for (index_t r = 0; r < m.rows; ++r)
    for (index_t e = m.start[at(r)]; e < m.start[at(r) + 1]; ++e)
      sums.add(r, m.column[at(e)], m.weight[at(e)]);
  return sums.norm();
}

bool nonnegative(const std::vector<double>& v) {
  return std::ranges::all_of(v, [](double a) { return a >= 0; });
}

std::vector<double> transposed(const loaded_array& m) {
  const index_t rows = m.extents[0], columns = m.extents[1];
  std::vector<double> t(m.values.size());
  for (index_t r = 0; r < rows; ++r)
    for (index_t c = 0; c < columns; ++c) t[at(c * rows + r)] = m.values[at(r * columns + c)];
  return t;
}

// As parallel_for, but a row counts as many elements as it has columns.
template <class Kernel>
void over_rows(queue& q, index_t rows, index_t columns, const Kernel& kernel) {
  if (q.where().kind == device::cuda) return parallel_for(q, {rows}, kernel);
  constexpr index_t piece = 1 << 14;
  run_blocks(rows, std::max<index_t>(1, piece / std::max<index_t>(1, columns)),
             [&](index_t begin, index_t end) noexcept { run_row<1>(kernel, 0, 0, begin, end); });
}

}  // namespace

space matrix_range(const space& x, index_t rows, index_t columns, field of,
                   const std::string& what) {
  if (x.blocks().size() != 1 || x.blocks()[0].of != of || x.blocks()[0].extents.count() != columns)
    throw shape_error(fmt::format(
        "{} with {} columns for x of {}: one {} array with as many elements is expected", what,
        columns, to_string(x), of == field::complex ? "complex" : "real"));
  return {{rows}, of};
}

const loaded_array& checked_matrix(const loaded_array& m) {
  if (m.extents.rank() != 2 || m.extents.count() == 0)
    throw shape_error(fmt::format("the matrix {} must have rows and columns", m.described()));
  return m;
}

space matrix_range(const space& x, const loaded_array& m) {
  return matrix_range(x, m.extents[0], m.extents[1], m.of, "the matrix " + m.described());
}

dense_matrix::dense_matrix(queue& q, const space& domain, const loaded_array& m, precision p)
    : linear_operator(domain, matrix_range(domain, checked_matrix(m)),
                      {.nonnegative = nonnegative(m.values)}, placement{p, q.where()}),
      rows_(m.extents[0]),
      columns_(m.extents[1]),
      by_rows_(q, m.values, p),
      by_columns_(q, transposed(m), p),
      norm_(norm_of_dense(m)) {}

void dense_matrix::run(queue& q, const real_table& m, index_t rows, index_t columns, cvec from,
                       vec to, mode how) const {
  with_real(from.type(), [&]<class T>() {
    over_rows(q, rows, columns,
              kernel::dense_row<T>{{m.as<T>(), {rows, columns}},
                                   static_cast<const T*>(from.block().data),
                                   static_cast<T*>(to.block().data),
                                   how});
  });
}

void dense_matrix::do_apply(queue& q, cvec x, vec y, mode how) const {
  run(q, by_rows_, rows_, columns_, x, y, how);
}
void dense_matrix::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  run(q, by_columns_, columns_, rows_, y, x, how);
}

sparse_matrix::side sparse_matrix::place(queue& q, const axis_matrix& m, precision p) {
  return {table<index_t>(q, m.start), table<index_t>(q, m.column), real_table(q, m.weight, p)};
}

sparse_matrix::sparse_matrix(queue& q, const space& domain, const sparse_entries& e, index_t rows,
                             index_t columns, field of, precision p)
    : sparse_matrix(q, domain, matrix_range(domain, rows, columns, of, "a sparse matrix"),
                    matrix_of(e, rows, columns, of), p) {}

sparse_matrix::sparse_matrix(queue& q, const space& domain, const space& range,
                             const axis_matrix& m, precision p)
    : linear_operator(domain, range, {.nonnegative = is_nonnegative(m)}, placement{p, q.where()}),
      by_rows_(place(q, m, p)),
      by_columns_(place(q, ir::transposed(m), p)),
      norm_(norm_of_sparse(m)) {}

void sparse_matrix::run(queue& q, const side& m, cvec from, vec to, mode how) const {
  with_real(from.type(), [&]<class T>() {
    parallel_for(q, {m.start.count() - 1},
                 kernel::sparse_row<T>{{m.start.data(), m.column.data(), m.weight.as<T>()},
                                       static_cast<const T*>(from.block().data),
                                       static_cast<T*>(to.block().data),
                                       how});
  });
}

void sparse_matrix::do_apply(queue& q, cvec x, vec y, mode how) const {
  run(q, by_rows_, x, y, how);
}
void sparse_matrix::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  run(q, by_columns_, y, x, how);
}

}  // namespace ir
