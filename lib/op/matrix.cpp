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

const space& checked(const space& x, index_t columns, const std::string& what) {
  if (x.blocks().size() != 1 || x.blocks()[0].of == field::complex ||
      x.blocks()[0].extents.count() != columns)
    throw shape_error(
        fmt::format("{} with {} columns for x of {}: one real array with as many "
                    "elements is expected",
                    what, columns, to_string(x)));
  return x;
}

index_t columns_of(const loaded_array& m) {
  if (m.extents.rank() != 2 || m.of == field::complex || m.extents.count() == 0)
    throw shape_error(
        fmt::format("the matrix {} must be real with rows and columns", m.described()));
  return m.extents[1];
}

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

dense_matrix::dense_matrix(queue& q, const space& domain, const loaded_array& m, precision p)
    : linear_operator(checked(domain, columns_of(m), "the matrix " + m.described()),
                      space({m.extents[0]}), {.nonnegative = nonnegative(m.values)},
                      placement{p, q.where()}),
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

sparse_matrix::sparse_matrix(queue& q, const space& domain, const axis_matrix& m, precision p)
    : linear_operator(checked(domain, m.columns, "a sparse matrix"), space({m.rows}),
                      {.nonnegative = is_nonnegative(m)}, placement{p, q.where()}),
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

axis_matrix matrix_of_entries(const loaded_array& list, index_t rows, index_t columns) {
  if (list.extents.rank() != 2 || list.extents[1] != 3 || list.of == field::complex)
    throw shape_error(
        fmt::format("entries {}: real (n, 3) is expected: row, column, value", list.described()));
  const auto place = [&](index_t i, index_t which, index_t n) {
    const double v = list.values[at(3 * i + which)];
    if (!(v >= 0 && v < static_cast<double>(n)) || v != std::floor(v))
      throw data_error(fmt::format("entries {}: entry {} has {} {:g}: 0 to {} is expected",
                                   list.described(), i, which == 0 ? "row" : "column", v, n - 1));
    return static_cast<index_t>(v);
  };
  std::vector<std::vector<std::pair<index_t, double>>> all(at(rows));
  for (index_t i = 0; i < list.extents[0]; ++i) {
    const double v = list.values[at(3 * i + 2)];
    if (!std::isfinite(v))
      throw data_error(fmt::format("entries {}: entry {} is {}", list.described(), i, v));
    all[at(place(i, 0, rows))].emplace_back(place(i, 1, columns), v);
  }
  axis_matrix m;
  m.rows = rows;
  m.columns = columns;
  for (auto& row : all) {
    std::ranges::stable_sort(row, {}, &std::pair<index_t, double>::first);
    for (const auto& [c, v] : row) {
      const bool again = std::ssize(m.column) > m.start.back() && m.column.back() == c;
      if (again) {
        m.weight.back() += v;
      } else {
        m.column.push_back(c);
        m.weight.push_back(v);
      }
    }
    m.end_row();
  }
  return m;
}

namespace {

struct dense_spec final : op_spec {
  explicit dense_spec(array_ptr a) : m(std::move(a)) { columns_of(*m); }
  array_ptr m;
  space do_range(const space& x) const override {
    checked(x, m->extents[1], "the matrix " + m->described());
    return space({m->extents[0]});
  }
  std::optional<space> do_domain(const space&) const override { return space({m->extents[1]}); }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return std::make_shared<dense_matrix>(q, x, *m, p);
  }
  op_cost do_cost(const space&, precision p, device) const override {
    const double entries = static_cast<double>(m->extents.count());
    const index_t real = size_of(real_type(p));
    return {.flops = 2 * entries,
            .bytes = entries * static_cast<double>(real),
            .table_bytes = 2 * m->extents.count() * real};
  }
};

struct sparse_spec final : op_spec {
  sparse_spec(const loaded_array& entries, index_t rows, index_t columns)
      : m(matrix_of_entries(entries, rows, columns)) {}
  axis_matrix m;
  space do_range(const space& x) const override {
    checked(x, m.columns, "a sparse matrix");
    return space({m.rows});
  }
  std::optional<space> do_domain(const space&) const override { return space({m.columns}); }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return std::make_shared<sparse_matrix>(q, x, m, p);
  }
};

using kind = argument_kind;

const registered<op_entry> matrix_entry{
    {"matrix",
     "an explicit matrix times x as one column, in C order",
     {{"matrix", kind::array, "(rows, columns), real"}},
     [](auto a) { return std::make_shared<dense_spec>(loaded(a[0])); }}};

const registered<op_entry> sparse_entry{
    {"sparse",
     "a sparse matrix times x as one column, in C order",
     {{"entries", kind::array, "(n, 3), real: row and column from 0, value; same places add"},
      {"rows", kind::number, "of the matrix"},
      {"columns", kind::number, "of the matrix"}},
     [](auto a) {
       return std::make_shared<sparse_spec>(*loaded(a[0]), whole_number(a[1], "rows", 1),
                                            whole_number(a[2], "columns", 1));
     }}};

}  // namespace
}  // namespace ir
