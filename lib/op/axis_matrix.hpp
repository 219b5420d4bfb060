#pragma once
#include <vector>

#include "fft/extension_kernel.hpp"
#include "op/linear_operator.hpp"

namespace ir {

/// A sparse real matrix that acts along one axis of an array, row by row: entry e of row r, with
/// start[r] <= e < start[r + 1], is weight[e] in column column[e].
struct axis_matrix {
  index_t rows = 0, columns = 0;
  std::vector<index_t> start{0}, column;
  std::vector<double> weight;

  void end_row();  // what was pushed to `column` and `weight` since the last one
};

/// Element of x that stands at position p, which may lie beyond its n elements; -1: nothing (0).
index_t folded(index_t p, index_t n, boundary);

axis_matrix crop_axis(index_t n, index_t begin, index_t end);  // y[i] = x[begin + i]
axis_matrix pad_axis(index_t n, index_t before, index_t after, boundary);
axis_matrix keep_every(index_t n, index_t step);     // y[i] = x[i step], (n + step - 1) / step rows
axis_matrix mean_of_every(index_t n, index_t step);  // of x[i step ...], of fewer at the end
axis_matrix repeat_each(index_t n, index_t times);   // y[i] = x[i / times]
/// Linear interpolation between the centres of x, constant beyond the outermost ones; n times rows.
axis_matrix interpolate(index_t n, index_t times);
axis_matrix sum_axis(index_t n);  // one row of ones
/// y[i] = sum_j h[j] x[i - j + c], c = floor(size / 2)
axis_matrix convolve_axis(index_t n, const std::vector<double>& h, boundary);

axis_matrix transposed(const axis_matrix&);
axis_matrix product(const axis_matrix& A, const axis_matrix& B);

/// Rows [begin, end) around the middle one that are alike but for their place: entry m of row r has
/// weight[m] in column r + offset[m].
struct repeated_row {
  index_t begin = 0, end = 0;
  std::vector<index_t> offset;
  std::vector<double> weight;
};
repeated_row repeated_row_of(const axis_matrix&);

/// c in M M^T = c I, where it is seen at once: no column has two entries. M without negative
/// entries.
std::optional<double> rows_orthogonal(const axis_matrix&);
bool is_nonnegative(const axis_matrix&);
bool has_single_entries(const axis_matrix&);  // one in a row at most
/// s in M 1 = s 1, up to rounding.
std::optional<double> row_sum(const axis_matrix&);

/// Bounds of ||M||, proved: from above max_i (|M|^T |M| x)_i / x_i for positive x, which power
/// iteration brings down to the norm of |M|; from below Rayleigh quotients, rows and columns.
///
/// Source: L. Collatz, Math. Z. 48 (1942) 221-226, on positive matrices.
bound norm_of(const axis_matrix&);

}  // namespace ir
