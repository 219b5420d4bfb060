#include "op/sparse_entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "op/registry.hpp"

namespace ir {
namespace {

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

index_t place(const loaded_array& list, index_t entry, index_t which, index_t n) {
  const double v = list.values[at(3 * entry + which)];
  if (!(v >= 0 && v < static_cast<double>(n)) || v != std::floor(v))
    throw data_error(fmt::format("entries {}: entry {} has {} {:g}: 0 to {} is expected",
                                 list.described(), entry, which == 0 ? "row" : "column", v, n - 1));
  return static_cast<index_t>(v);
}

sparse_entries expanded(const sparse_entries& e) {
  sparse_entries real;
  const auto add = [&](index_t r, index_t c, double v) {
    real.row.push_back(r);
    real.column.push_back(c);
    real.values.push_back(v);
  };
  for (std::size_t i = 0; i < e.row.size(); ++i) {
    const index_t r = 2 * e.row[i], c = 2 * e.column[i];
    const double a = e.values[2 * i], b = e.values[2 * i + 1];
    add(r, c, a);
    add(r, c + 1, -b);
    add(r + 1, c, b);
    add(r + 1, c + 1, a);
  }
  return real;
}

}  // namespace

sparse_entries entries_of_list(const loaded_array& list, index_t rows, index_t columns) {
  if (list.extents.rank() != 2 || list.extents[1] != 3 || list.of == field::complex)
    throw shape_error(
        fmt::format("entries {}: real (n, 3) is expected: row, column, value", list.described()));
  sparse_entries e;
  for (index_t i = 0; i < list.extents[0]; ++i) {
    const double v = list.values[at(3 * i + 2)];
    if (!std::isfinite(v))
      throw data_error(fmt::format("entries {}: entry {} is {}", list.described(), i, v));
    e.row.push_back(place(list, i, 0, rows));
    e.column.push_back(place(list, i, 1, columns));
    e.values.push_back(v);
  }
  return e;
}

sparse_entries entries_of_matrix(const loaded_array& m) {
  sparse_entries e;
  if (m.sparse) {
    e = *m.sparse;
  } else {
    e.values = m.values;
    for (index_t i = 0; i < m.extents.count(); ++i) {
      e.row.push_back(i / m.extents[1]);
      e.column.push_back(i % m.extents[1]);
    }
  }
  if (!std::ranges::all_of(e.values, [](double v) { return std::isfinite(v); }))
    throw data_error(fmt::format("the matrix {} has NaN or infinite values", m.described()));
  return e;
}

axis_matrix matrix_of(const sparse_entries& given, index_t rows, index_t columns, field of) {
  if (of == field::complex) return matrix_of(expanded(given), 2 * rows, 2 * columns, field::real);
  std::vector<std::size_t> order(given.row.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {},
                           [&](std::size_t i) { return std::pair(given.row[i], given.column[i]); });
  axis_matrix m;
  m.rows = rows;
  m.columns = columns;
  auto next = order.begin();
  for (index_t r = 0; r < rows; ++r) {
    for (; next != order.end() && given.row[*next] == r; ++next) {
      const bool again =
          std::ssize(m.column) > m.start.back() && m.column.back() == given.column[*next];
      if (again) {
        m.weight.back() += given.values[*next];
      } else {
        m.column.push_back(given.column[*next]);
        m.weight.push_back(given.values[*next]);
      }
    }
    m.end_row();
  }
  return m;
}

}  // namespace ir
