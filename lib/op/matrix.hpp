#pragma once
#include "op/axis_matrix.hpp"
#include "op/linear_operator.hpp"
#include "op/registry.hpp"
#include "op/table.hpp"

namespace ir {

/// y = M x with an explicit real matrix; x is any single real array with as many elements as M has
/// columns, in C order. M is held twice, by rows and by columns.
///
/// domain  one real block of `columns` elements, any unit
/// range   (rows)
/// norm    longest row or column <= ||M|| <= the less of sqrt(largest row sum * largest column sum)
///         of |M| and the root of the sum of all squares
class dense_matrix final : public linear_operator {
 public:
  /// `m`: (rows, columns), real. shape_error: other axes, or another number of columns than x has
  /// elements; data_error: NaN or infinite values.
  dense_matrix(queue&, const space& domain, const loaded_array& m, precision);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::optional<bound> do_norm() const override { return norm_; }
  std::string do_name() const override { return "matrix"; }

  void run(queue&, const real_table& m, index_t rows, index_t columns, cvec from, vec to,
           mode) const;

  index_t rows_, columns_;
  real_table by_rows_, by_columns_;
  bound norm_;
};

/// The same with a sparse matrix.
class sparse_matrix final : public linear_operator {
 public:
  sparse_matrix(queue&, const space& domain, const axis_matrix& m, precision);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::optional<bound> do_norm() const override { return norm_; }
  std::string do_name() const override { return "sparse matrix"; }

  struct side {
    table<index_t> start, column;
    real_table weight;
  };
  static side place(queue&, const axis_matrix&, precision);
  void run(queue&, const side&, cvec from, vec to, mode) const;

  side by_rows_, by_columns_;
  bound norm_;
};

/// A sparse matrix from a list of entries (n, 3): row and column, from 0, and value; entries of the
/// same place add. data_error: a place that is no whole number or outside, a value that is NaN.
axis_matrix matrix_of_entries(const loaded_array&, index_t rows, index_t columns);

}  // namespace ir
