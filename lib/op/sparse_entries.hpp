#pragma once
#include <vector>

#include "op/axis_matrix.hpp"

namespace ir {

struct loaded_array;

/// Entries of a sparse matrix, in any order; those of the same place add. Complex values are pairs.
struct sparse_entries {
  std::vector<index_t> row, column;  // from 0
  std::vector<double> values;
};

/// A list of entries (n, 3), real: row and column, from 0, and value. data_error: a place that is
/// no whole number or outside, a value that is NaN or infinite; shape_error: no such list.
sparse_entries entries_of_list(const loaded_array&, index_t rows, index_t columns);
/// Those of a matrix (rows, columns), sparse or not. data_error: a value that is NaN or infinite.
sparse_entries entries_of_matrix(const loaded_array&);

/// The matrix row by row. A complex one is that of its real and imaginary parts: an entry a + bi is
/// {{a, -b}, {b, a}}, so that complex elements in memory are its vectors.
axis_matrix matrix_of(const sparse_entries&, index_t rows, index_t columns, field);

}  // namespace ir
