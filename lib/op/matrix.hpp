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
  /// `m`: (rows, columns), real, not sparse. shape_error: another number of columns than x has
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

/// The same with a sparse matrix, real or complex: then so are x and y.
class sparse_matrix final : public linear_operator {
 public:
  /// shape_error: x is not one array of that field with as many elements as there are columns.
  sparse_matrix(queue&, const space& domain, const sparse_entries&, index_t rows, index_t columns,
                field, precision);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::optional<bound> do_norm() const override { return norm_; }
  std::string do_name() const override { return "sparse matrix"; }

  sparse_matrix(queue&, const space& domain, const space& range, const axis_matrix&, precision);
  struct side {
    table<index_t> start, column;
    real_table weight;
  };
  static side place(queue&, const axis_matrix&, precision);
  void run(queue&, const side&, cvec from, vec to, mode) const;

  side by_rows_, by_columns_;
  bound norm_;
};

/// `m` itself; shape_error: it has no rows and columns.
const loaded_array& checked_matrix(const loaded_array& m);

/// (rows), of that field. shape_error: x is not one such array with as many elements as there are
/// columns; `what`: the matrix, for the message.
space matrix_range(const space& x, index_t rows, index_t columns, field, const std::string& what);
space matrix_range(const space& x, const loaded_array& m);

}  // namespace ir
